#include "config.h"
#include "store/st-subscription-carry.h"

#include "store/st-columns.h"

/* A random UUID of version 4 for each row. */
#define UUID_SQLITE                                                                                          \
  "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'"    \
  " || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || "               \
  "hex(randomblob(6)))"
#define UUID_MYSQL "UUID()"

#define CARRY(now, columns, values)                                                                          \
  "INSERT INTO AM_SUBSCRIPTION (CREATED_TIME, UPDATED_TIME, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS,"    \
  " SUBS_CREATE_STATE, CREATED_BY" columns ") SELECT " now ", " now                                          \
  ", o.TIER_ID, ?, o.APPLICATION_ID, o.SUB_STATUS,"                                                          \
  " 'SUBSCRIBE', ?" values " FROM AM_SUBSCRIPTION o LEFT JOIN (SELECT APPLICATION_ID FROM AM_SUBSCRIPTION"   \
  " WHERE API_ID = ?) n ON n.APPLICATION_ID = o.APPLICATION_ID WHERE o.API_ID = ? AND n.APPLICATION_ID IS "  \
  "NULL"                                                                                                     \
  " AND o.SUB_STATUS IN ('UNBLOCKED', 'BLOCKED', 'PROD_ONLY_BLOCKED')"                                       \
  " AND (o.SUBS_CREATE_STATE IS NULL OR o.SUBS_CREATE_STATE = 'SUBSCRIBE') ORDER BY o.SUBSCRIPTION_ID"

gboolean
st_write_carry_subscriptions (StWriter *writer, gint64 from_api_id, gint64 to_api_id, const char *user,
                              GError **error)
{
  static const StStatement plain = { CARRY (ST_NOW_SQLITE, "", ""), CARRY (ST_NOW_MYSQL, "", "") };
  static const StStatement with_uuid = { CARRY (ST_NOW_SQLITE, ", UUID", ", " UUID_SQLITE),
                                         CARRY (ST_NOW_MYSQL, ", UUID", ", " UUID_MYSQL) };
  const StText texts[] = { { "CREATED_BY", user, 100, ST_TEXT_REQUIRED } };
  const StStatement *carry = st_writer_has (writer, ST_CAP_SUBSCRIPTION_UUID) ? &with_uuid : &plain;

  return st_columns_check_row (writer, "AM_SUBSCRIPTION", texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, carry, error, "isii", to_api_id, user, to_api_id, from_api_id);
}

gboolean
st_write_delete_subscriptions (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement keys = { "DELETE FROM AM_SUBSCRIPTION_KEY_MAPPING WHERE SUBSCRIPTION_ID IN "
                                    "(SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION "
                                    "WHERE API_ID = ?)",
                                    "DELETE m FROM AM_SUBSCRIPTION_KEY_MAPPING m JOIN AM_SUBSCRIPTION s ON "
                                    "s.SUBSCRIPTION_ID = m.SUBSCRIPTION_ID"
                                    " WHERE s.API_ID = ?" };
  static const StStatement subscriptions = { "DELETE FROM AM_SUBSCRIPTION WHERE API_ID = ?" };

  return st_writer_execute (writer, &keys, error, "i", api_id)
         && st_writer_execute (writer, &subscriptions, error, "i", api_id);
}
