#include "config.h"
#include "common/apim-limits.h"

#define KIB 1024U
#define MIB (1024U * 1024U)
#define DAY_MS (24U * 60 * 60 * 1000)

#define LIMIT(name, field, unit, standard, minimum, maximum, restart)                                                  \
  {                                                                                                                    \
    name, unit, standard, minimum, maximum, G_STRUCT_OFFSET (ApimLimits, field), restart                               \
  }

/* clang-format off: a table */
const ApimLimit apim_limits[] = {
  LIMIT ("MaxConnections",           max_connections,             "connections", 0,        0,    10000000,  FALSE),
  LIMIT ("MaxConnectionsPerAddress", max_connections_per_address, "connections", 16384,    1,    10000000,  FALSE),
  LIMIT ("HandshakeTimeout",         handshake_timeout_ms,        "ms",          10000,    100,  DAY_MS,    FALSE),
  LIMIT ("IdleTimeout",              idle_timeout_ms,             "ms",          600000,   0,    DAY_MS,    FALSE),
  LIMIT ("ReadTimeout",              read_timeout_ms,             "ms",          30000,    100,  DAY_MS,    FALSE),
  LIMIT ("WriteTimeout",             write_timeout_ms,            "ms",          30000,    100,  DAY_MS,    FALSE),
  LIMIT ("MinTransferRate",          min_transfer_rate,           "bytes/s",     100,      0,    1000000,   TRUE),
  LIMIT ("DrainTimeout",             drain_timeout_ms,            "ms",          30000,    0,    DAY_MS,    FALSE),
  LIMIT ("MaxUnreadOutput",          max_unread_output,           "bytes",       MIB,      KIB,  1024 * MIB, FALSE),
  LIMIT ("MaxThriftMessage",         max_thrift_message,          "bytes",       4 * MIB,  KIB,  1024 * MIB, FALSE),
  LIMIT ("MaxHttpHeader",            max_http_header,             "bytes",       64 * KIB, KIB,  16 * MIB,  FALSE),
  LIMIT ("MaxHttpTrailer",           max_http_trailer,            "bytes",       8 * KIB,  256,  MIB,       TRUE),
  LIMIT ("MaxHttpBody",              max_http_body,               "bytes",       10 * MIB + 64 * KIB, KIB,  1024 * MIB, FALSE),
  LIMIT ("MaxArchive",               max_archive,                 "bytes",       64 * MIB, KIB,  1024 * MIB, FALSE),
  LIMIT ("MaxArchivesAtOnce",        max_archives_at_once,        "archives",    4,        1,    1000,      FALSE),
  LIMIT ("MaxSoapMessage",           max_soap_message,            "bytes",       256 * KIB, KIB, 16 * MIB,  FALSE),
  LIMIT ("DatabaseThreads",          database_threads,            "threads",     16,       1,    1024,      TRUE),
  LIMIT ("DatabaseQueue",            database_queue,              "look-ups",    1024,     0,    1000000,   TRUE),
  LIMIT ("DatabaseTimeout",          database_timeout_ms,         "ms",          5000,     10,   600000,    TRUE),
  LIMIT ("GatewayDeployTimeout",     gateway_deploy_timeout_ms,   "ms",          30000,    100,  900000,    TRUE),
  LIMIT ("MaxGatewayWalksAtOnce",    max_gateway_walks_at_once,   "requests",    4,        1,    1000,      TRUE),
  LIMIT ("MaxCacheMemory",           max_cache_memory,            "bytes",       256 * MIB, 0,   4095 * MIB, TRUE),
  LIMIT ("CacheMaxAge",              cache_max_age_ms,            "ms",          1000,     0,    60000,     TRUE),
  LIMIT ("UnknownTokensPerSecond",   unknown_tokens_per_second,   "look-ups",    5000,     0,    1000000,   TRUE),
  LIMIT ("MaxSessions",              max_sessions,                "sessions",    100000,   1,    10000000,  TRUE),
  LIMIT ("SignUpsPerAddress",        sign_ups_per_address,        "accounts an hour", 100, 0,   1000000,   TRUE),
  LIMIT ("SignUpsPerHour",           sign_ups_per_hour,           "accounts an hour", 1000, 0,  1000000,   TRUE),
  LIMIT ("GatewayTimeout",           gateway_timeout_ms,          "ms",          5000,     100,  600000,    TRUE),
  LIMIT ("GatewayQueue",             gateway_queue,               "notices",     10000,    1,    1000000,   TRUE),
  LIMIT ("BackendConnectTimeout",    backend_connect_timeout_ms,  "ms",          10000,    10,   600000,    TRUE),
  LIMIT ("BackendIdleTimeout",       backend_idle_timeout_ms,     "ms",          30000,    0,    DAY_MS,    TRUE),
  LIMIT ("BackendReadTimeout",       backend_read_timeout_ms,     "ms",          180000,   100,  DAY_MS,    TRUE),
  LIMIT ("MaxBackendConnections",    max_backend_connections,     "connections", 1024,     1,    1000000,   TRUE),
  LIMIT ("BackendQueue",             backend_queue,               "calls",       4096,     0,    10000000,  TRUE),
  LIMIT ("MaxBlockConditions",       max_block_conditions,        "bytes",       MIB,      KIB,  64 * MIB,  TRUE),
  LIMIT ("Http2MaxStreams",          http2_max_streams,           "streams",     100,      1,    10000,     TRUE),
  LIMIT ("Http2StreamWindow",        http2_stream_window,         "bytes",       64 * KIB, 65535, 16 * MIB, TRUE),
  LIMIT ("Http2ConnectionWindow",    http2_connection_window,     "bytes",       MIB,      65535, 1024 * MIB, TRUE),
  LIMIT ("Http2Resets",              http2_resets,                "streams in 10 s", 100,  1,    1000000,   TRUE),
  LIMIT ("Http2ControlFrames",       http2_control_frames,        "frames in 10 s", 1000,  10,   1000000,   TRUE),
  LIMIT ("MaxHandshakesWaiting",     max_handshakes_waiting,      "handshakes",  4096,     1,    1000000,   FALSE),
};
/* clang-format on */

const gsize apim_n_limits = G_N_ELEMENTS (apim_limits);

guint
apim_limits_get (const ApimLimits *limits, const ApimLimit *limit)
{
  return G_STRUCT_MEMBER (guint, limits, limit->offset);
}

void
apim_limits_set (ApimLimits *limits, const ApimLimit *limit, guint value)
{
  G_STRUCT_MEMBER (guint, limits, limit->offset) = value;
}

void
apim_limits_init (ApimLimits *limits)
{
  for (gsize i = 0; i < apim_n_limits; i++)
    apim_limits_set (limits, &apim_limits[i], apim_limits[i].standard);
}
