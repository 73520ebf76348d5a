-- The moments at which a model is asked: the starts of phases that have a plan. Nothing of what came later is among the columns.
SELECT building, project, project_type, phase, description, district, budget, started, planned_end
FROM phases
WHERE started IS NOT NULL AND planned_end IS NOT NULL
ORDER BY started, building, project, phase, description
