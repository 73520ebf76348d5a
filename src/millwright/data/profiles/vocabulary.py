"""Words by which columns and values are recognised.

Countries: ISO 3166-1 codes and English short names; currencies: ISO 4217 codes in use. The given names are common ones
of several languages; they need not be complete, as a column of names holds many.
"""

from __future__ import annotations

_ALPHA_2 = """
ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca cc cd
cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo fr ga gb gd ge gf
gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn
kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na
nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si
sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi
vn vu wf ws ye yt za zm zw uk eu
"""
_ALPHA_3 = """
abw afg ago aia ala alb and are arg arm asm ata atf atg aus aut aze bdi bel ben bes bfa bgd bgr bhr bhs bih blm blr blz
bmu bol bra brb brn btn bvt bwa caf can cck che chl chn civ cmr cod cog cok col com cpv cri cub cuw cxr cym cyp cze deu
dji dma dnk dom dza ecu egy eri esh esp est eth fin fji flk fra fro fsm gab gbr geo ggy gha gib gin glp gmb gnb gnq grc
grd grl gtm guf gum guy hkg hmd hnd hrv hti hun idn imn ind iot irl irn irq isl isr ita jam jey jor jpn kaz ken kgz khm
kir kna kor kwt lao lbn lbr lby lca lie lka lso ltu lux lva mac maf mar mco mda mdg mdv mex mhl mkd mli mlt mmr mne mng
mnp moz mrt msr mtq mus mwi mys myt nam ncl ner nfk nga nic niu nld nor npl nru nzl omn pak pan pcn per phl plw png pol
pri prk prt pry pse pyf qat reu rou rus rwa sau sdn sen sgp sgs shn sjm slb sle slv smr som spm srb ssd stp sur svk svn
swe swz sxm syc syr tca tcd tgo tha tjk tkl tkm tls ton tto tun tur tuv twn tza uga ukr umi ury usa uzb vat vct ven vgb
vir vnm vut wlf wsm yem zaf zmb zwe
"""
_NAMES = """
afghanistan, albania, algeria, andorra, angola, argentina, armenia, australia, austria, azerbaijan, bahamas, bahrain,
bangladesh, barbados, belarus, belgium, belize, benin, bhutan, bolivia, bosnia and herzegovina, botswana, brazil,
brunei, bulgaria, burkina faso, burundi, cambodia, cameroon, canada, cape verde, central african republic, chad,
chile, china, colombia, comoros, congo, costa rica, croatia, cuba, cyprus, czech republic, czechia, denmark, djibouti,
dominica, dominican republic, ecuador, egypt, el salvador, equatorial guinea, eritrea, estonia, eswatini, ethiopia,
fiji, finland, france, gabon, gambia, georgia, germany, ghana, greece, greenland, grenada, guatemala, guinea, guyana,
haiti, honduras, hong kong, hungary, iceland, india, indonesia, iran, iraq, ireland, israel, italy, ivory coast,
jamaica, japan, jordan, kazakhstan, kenya, kiribati, kosovo, kuwait, kyrgyzstan, laos, latvia, lebanon, lesotho,
liberia, libya, liechtenstein, lithuania, luxembourg, madagascar, malawi, malaysia, maldives, mali, malta, mauritania,
mauritius, mexico, micronesia, moldova, monaco, mongolia, montenegro, morocco, mozambique, myanmar, namibia, nauru,
nepal, netherlands, new zealand, nicaragua, niger, nigeria, north korea, north macedonia, norway, oman, pakistan,
palau, palestine, panama, papua new guinea, paraguay, peru, philippines, poland, portugal, puerto rico, qatar,
romania, russia, rwanda, samoa, san marino, saudi arabia, senegal, serbia, seychelles, sierra leone, singapore,
slovakia, slovenia, solomon islands, somalia, south africa, south korea, south sudan, spain, sri lanka, sudan,
suriname, sweden, switzerland, syria, taiwan, tajikistan, tanzania, thailand, togo, tonga, trinidad and tobago,
tunisia, turkey, turkmenistan, tuvalu, uganda, ukraine, united arab emirates, united kingdom, great britain, united
states, united states of america, uruguay, uzbekistan, vanuatu, vatican city, venezuela, vietnam, yemen, zambia,
zimbabwe
"""
_CURRENCIES = """
aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf clp cny cop
crc cuc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd hkd hnl hrk htg huf idr ils
inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lak lbp lkr lrd lsl lyd mad mdl mga mkd mmk mnt mop mru
mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek
sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx usd uyu uzs ves vnd vuv wst xaf xcd
xof xpf yer zar zmw zwl
"""
_GIVEN = """
aaron adam ahmed aisha alan albert alejandro alexander alexandra ali alice amanda amy ana anders andrea andreas andrew
angela anita ann anna anne anthony antonio arthur barbara beatriz benjamin bernd bob brandon brian bruno camille carl
carla carlos carol caroline catherine charles charlotte chen chiara christian christina christine christopher claire
clara claudia daniel david deborah dennis diana diego dieter dmitri dominik donald donna dorothy edward elena elisabeth
elizabeth emily emma eric erik ethan eva fatima felix fernando florian francesca francesco francisco frank franz gabriel
gary george giovanni giulia grace gregory hannah hans harold heather heidi helen helena henry hiroshi hugo ian ines
ingrid irene isabel isabella ivan jack jacob jakob james jan jane janet jason javier jean jeffrey jennifer jessica joan
joao johan john jonathan jorge jose joseph joshua juan julia julian julie jurgen karen karin karl kate katharina
katherine kathleen keith kelly kenneth kevin kim klaus krzysztof kumar larry lars laura lauren leon leonie lena li lina
linda lisa louis louise luca lucas lucia lucy luis lukas magdalena manuel marc marco margaret maria marie mark markus
marta martha martin mary mateo matthew max maximilian megan mei melissa michael michelle miguel mohamed mohammed monica
monika muhammad nancy natalia natalie nathan nicholas nicolas nicole nina noah olga oliver olivia omar pablo pamela
patricia patrick paul paula pavel pedro peter petra philip pierre piotr rachel rafael ralph raymond rebecca richard
robert roberto roger ronald rosa ruth ryan samantha samuel sandra sara sarah scott sean sebastian sergei sergio sharon
silvia simon sofia sophia sophie stefan stephanie stephen steven susan susanne svetlana takashi tatiana teresa theresa
thomas tim timothy tobias tom tomasz ursula uwe valentina vera veronica victor victoria vincent vladimir walter wei
werner william wolfgang xavier yan yuki yusuf zachary zhang zoe
"""

COUNTRY_CODES = frozenset(_ALPHA_2.split()) | frozenset(_ALPHA_3.split())
COUNTRY_NAMES = frozenset(name.strip() for name in _NAMES.replace("\n", " ").split(","))
CURRENCIES = frozenset(_CURRENCIES.split())
GIVEN_NAMES = frozenset(_GIVEN.split())
