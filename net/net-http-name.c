/* A name is made small in a few words and compared with the literals of its length only, which the compiler turns into
 * comparisons of numbers. */
#include "config.h"
#include "net/net-http-name.h"

#include <string.h>

#define LONGEST 32
#define LONG 14 /* from here on names are long */

#define EVERY_BYTE(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))

/* The letters of eight bytes made small; other bytes stay as they are. Bytes below 0x80 are pushed over that mark by
 * what they lack to be beyond 'Z', and to be 'A': those that only the latter does are capitals. */
static inline guint64
small_letters (guint64 word)
{
  guint64 low = word & EVERY_BYTE (0x7f);
  guint64 beyond_z = low + EVERY_BYTE (0x7f - 'Z');
  guint64 from_a = low + EVERY_BYTE (0x80 - 'A');
  guint64 capitals = ~word & (from_a ^ beyond_z) & EVERY_BYTE (0x80);

  return word | capitals >> 2;
}

#define TRY(literal, id)                                                                                             \
  if (memcmp (name, "" literal, sizeof literal - 1) == 0)                                                            \
  return NET_HTTP_NAME_##id

static inline NetHttpName
find_short (const char name[LONGEST], gsize length)
{
  switch (length)
    {
    case 2:
      TRY ("te", TE);
      break;
    case 4:
      TRY ("host", HOST);
      TRY ("date", DATE);
      break;
    case 6:
      TRY ("server", SERVER);
      TRY ("cookie", COOKIE);
      TRY ("origin", ORIGIN);
      TRY ("expect", EXPECT);
      break;
    case 7:
      TRY ("referer", REFERER);
      TRY ("trailer", TRAILER);
      TRY ("upgrade", UPGRADE);
      break;
    case 9:
      TRY ("forwarded", FORWARDED);
      break;
    case 10:
      TRY ("connection", CONNECTION);
      TRY ("user-agent", USER_AGENT);
      TRY ("keep-alive", KEEP_ALIVE);
      TRY ("set-cookie", SET_COOKIE);
      TRY ("activityid", ACTIVITY_ID);
      break;
    case 11:
      TRY ("traceparent", TRACEPARENT);
      break;
    case 12:
      TRY ("content-type", CONTENT_TYPE);
      break;
    case 13:
      TRY ("authorization", AUTHORIZATION);
      break;
    default:
      break;
    }
  return NET_HTTP_NAME_OTHER;
}

static inline NetHttpName
find_long (const char name[LONGEST], gsize length)
{
  switch (length)
    {
    case LONG:
      TRY ("content-length", CONTENT_LENGTH);
      TRY ("http2-settings", HTTP2_SETTINGS);
      break;
    case 15:
      TRY ("x-forwarded-for", X_FORWARDED_FOR);
      break;
    case 16:
      TRY ("content-encoding", CONTENT_ENCODING);
      TRY ("x-forwarded-host", X_FORWARDED_HOST);
      TRY ("x-forwarded-port", X_FORWARDED_PORT);
      TRY ("proxy-connection", PROXY_CONNECTION);
      break;
    case 17:
      TRY ("transfer-encoding", TRANSFER_ENCODING);
      TRY ("x-forwarded-proto", X_FORWARDED_PROTO);
      break;
    case 18:
      TRY ("proxy-authenticate", PROXY_AUTHENTICATE);
      break;
    case 19:
      TRY ("proxy-authorization", PROXY_AUTHORIZATION);
      break;
    case 25:
      TRY ("proxy-authentication-info", PROXY_AUTHENTICATION_INFO);
      break;
    case 27:
      TRY ("access-control-allow-origin", ACCESS_CONTROL_ALLOW_ORIGIN);
      break;
    case 28:
      TRY ("access-control-allow-headers", ACCESS_CONTROL_ALLOW_HEADERS);
      TRY ("access-control-allow-methods", ACCESS_CONTROL_ALLOW_METHODS);
      break;
    case 32:
      TRY ("access-control-allow-credentials", ACCESS_CONTROL_ALLOW_CREDENTIALS);
      break;
    default:
      break;
    }
  return NET_HTTP_NAME_OTHER;
}

NetHttpName
net_http_name_find (const char *name, gsize length)
{
  char small[LONGEST] = { 0 };

  if (length > LONGEST)
    return NET_HTTP_NAME_OTHER;
  memcpy (small, name, length);
  for (gsize i = 0; i < length; i += 8)
    {
      guint64 word;

      memcpy (&word, small + i, sizeof word);
      word = small_letters (word);
      memcpy (small + i, &word, sizeof word);
    }
  return length < LONG ? find_short (small, length) : find_long (small, length);
}
