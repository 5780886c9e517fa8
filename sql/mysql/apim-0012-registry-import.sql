-- APIs whose artifact came from WSO2's registry: what was read there and what it became here, as digests, so that the next
-- import knows which of the two has changed since.
CREATE TABLE IF NOT EXISTS APIM_REGISTRY_IMPORT (
  API_ID INTEGER NOT NULL PRIMARY KEY,
  SOURCE_DIGEST CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  RESULT_DIGEST CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  IMPORTED_MS BIGINT NOT NULL,
  FOREIGN KEY (API_ID) REFERENCES AM_API (API_ID) ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB;
