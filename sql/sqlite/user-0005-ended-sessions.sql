-- Sessions that were logged out of, for the other nodes of the cluster: an id speaks for itself until it is too old.
CREATE TABLE IF NOT EXISTS APIM_ENDED_SESSION (
  SESSION_DIGEST TEXT NOT NULL PRIMARY KEY,
  ENDED_MS INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS IDX_APIM_ENDED_SESSION ON APIM_ENDED_SESSION (ENDED_MS);
