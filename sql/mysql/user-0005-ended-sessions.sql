-- Sessions that were logged out of, for the other nodes of the cluster: an id speaks for itself until it is too old.
CREATE TABLE IF NOT EXISTS APIM_ENDED_SESSION (
  SESSION_DIGEST CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ENDED_MS BIGINT NOT NULL,
  PRIMARY KEY (SESSION_DIGEST),
  INDEX IDX_APIM_ENDED_SESSION (ENDED_MS)
) ENGINE=InnoDB;
