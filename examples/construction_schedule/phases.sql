-- The kept schedules under short names, and how each phase that has ended went: days over its plan, since when it is known.
SELECT
  "Project Building Identifier" AS building,
  "DSF Number(s)" AS project,
  "Project Type" AS project_type,
  "Project Phase Name" AS phase,
  "Project Description" AS description,
  CAST("Project Geographic District" AS VARCHAR) AS district,
  "Project Status Name" AS status,
  "Project Budget Amount" AS budget,
  "Project Phase Actual Start Date" AS started,
  "Project Phase Planned End Date" AS planned_end,
  "Project Phase Actual End Date" AS ended,
  "End Recorded" AS recorded,
  (EXTRACT(EPOCH FROM CAST("Project Phase Actual End Date" AS TIMESTAMP))
    - EXTRACT(EPOCH FROM CAST("Project Phase Planned End Date" AS TIMESTAMP))) / 86400.0 AS overrun
FROM schedules
