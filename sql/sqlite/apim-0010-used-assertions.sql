-- SAML assertions that tokens were issued for, each good once on all nodes: by a digest, until they would be refused for their age.
CREATE TABLE IF NOT EXISTS APIM_USED_ASSERTION (
  ASSERTION_DIGEST TEXT NOT NULL PRIMARY KEY,
  EXPIRES_MS INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS IDX_APIM_USED_ASSERTION ON APIM_USED_ASSERTION (EXPIRES_MS);
