-- SAML assertions that tokens were issued for, each good once on all nodes: by a digest, until they would be refused for their age.
CREATE TABLE IF NOT EXISTS APIM_USED_ASSERTION (
  ASSERTION_DIGEST CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  EXPIRES_MS BIGINT NOT NULL,
  PRIMARY KEY (ASSERTION_DIGEST),
  INDEX IDX_APIM_USED_ASSERTION (EXPIRES_MS)
) ENGINE=InnoDB;
