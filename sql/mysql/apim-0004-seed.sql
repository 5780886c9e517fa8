-- First rows of a new database: the default policies of the super tenant and the rows that WSO2's scripts insert.

INSERT INTO IDN_BASE_TABLE (PRODUCT_NAME) VALUES ('WSO2 Identity Server');

INSERT INTO AM_POLICY_SUBSCRIPTION (NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT,
    RATE_LIMIT_COUNT, IS_DEPLOYED, STOP_ON_QUOTA_REACH, BILLING_PLAN) VALUES
  ('Gold', 'Gold', -1234, 'Allows 5000 requests per minute', 'requestCount', 5000, 1, 'min', 0, 1, 1, 'FREE'),
  ('Silver', 'Silver', -1234, 'Allows 2000 requests per minute', 'requestCount', 2000, 1, 'min', 0, 1, 1, 'FREE'),
  ('Bronze', 'Bronze', -1234, 'Allows 1000 requests per minute', 'requestCount', 1000, 1, 'min', 0, 1, 1, 'FREE'),
  ('Unauthenticated', 'Unauthenticated', -1234, 'Allows 500 request(s) per minute', 'requestCount', 500, 1, 'min',
   0, 1, 1, 'FREE'),
  ('Unlimited', 'Unlimited', -1234, 'Allows unlimited requests', 'requestCount', 2147483647, 1, 'min', 0, 1, 1, 'FREE');

INSERT INTO AM_POLICY_APPLICATION (NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT,
    IS_DEPLOYED) VALUES
  ('50PerMin', '50PerMin', -1234, 'Allows 50 request per minute', 'requestCount', 50, 1, 'min', 1),
  ('20PerMin', '20PerMin', -1234, 'Allows 20 request per minute', 'requestCount', 20, 1, 'min', 1),
  ('10PerMin', '10PerMin', -1234, 'Allows 10 request per minute', 'requestCount', 10, 1, 'min', 1),
  ('Unlimited', 'Unlimited', -1234, 'Allows unlimited requests', 'requestCount', 2147483647, 1, 'min', 1);

INSERT INTO AM_API_THROTTLE_POLICY (NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, DEFAULT_QUOTA_TYPE, DEFAULT_QUOTA,
    DEFAULT_UNIT_TIME, DEFAULT_TIME_UNIT, APPLICABLE_LEVEL, IS_DEPLOYED) VALUES
  ('50KPerMin', '50KPerMin', -1234, 'Allows 50000 requests per minute', 'requestCount', 50000, 1, 'min', 'apiLevel', 1),
  ('20KPerMin', '20KPerMin', -1234, 'Allows 20000 requests per minute', 'requestCount', 20000, 1, 'min', 'apiLevel', 1),
  ('10KPerMin', '10KPerMin', -1234, 'Allows 10000 requests per minute', 'requestCount', 10000, 1, 'min', 'apiLevel', 1),
  ('Unlimited', 'Unlimited', -1234, 'Allows unlimited requests', 'requestCount', 2147483647, 1, 'min', 'apiLevel', 1);

UPDATE AM_POLICY_SUBSCRIPTION SET UUID = UUID() WHERE UUID IS NULL;
UPDATE AM_POLICY_APPLICATION SET UUID = UUID() WHERE UUID IS NULL;
UPDATE AM_API_THROTTLE_POLICY SET UUID = UUID() WHERE UUID IS NULL;

INSERT INTO AM_ALERT_TYPES (ALERT_TYPE_NAME, STAKE_HOLDER) VALUES
  ('AbnormalResponseTime', 'publisher'),
  ('AbnormalBackendTime', 'publisher'),
  ('AbnormalRequestsPerMin', 'subscriber'),
  ('AbnormalRequestPattern', 'subscriber'),
  ('UnusualIPAccess', 'subscriber'),
  ('FrequentTierLimitHitting', 'subscriber'),
  ('ApiHealthMonitor', 'publisher');
