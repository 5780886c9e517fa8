-- APIs whose artifact came from WSO2's registry: what was read there and what it became here, as digests, so that the next
-- import knows which of the two has changed since.
CREATE TABLE IF NOT EXISTS APIM_REGISTRY_IMPORT (
  API_ID INTEGER NOT NULL PRIMARY KEY REFERENCES AM_API (API_ID) ON UPDATE CASCADE ON DELETE CASCADE,
  SOURCE_DIGEST TEXT NOT NULL,
  RESULT_DIGEST TEXT NOT NULL,
  IMPORTED_MS INTEGER NOT NULL
);
