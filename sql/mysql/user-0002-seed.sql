-- The user-store domains of the super tenant, and the role that everybody has.

INSERT INTO UM_DOMAIN (UM_DOMAIN_NAME, UM_TENANT_ID) VALUES
  ('PRIMARY', -1234), ('SYSTEM', -1234), ('INTERNAL', -1234), ('APPLICATION', -1234), ('WORKFLOW', -1234);

INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES ('everyone', -1234);
