/* What one HTTP/2 client may cost without asking for anything: streams that break off as soon as they have begun (rapid
 * reset, CVE-2023-44487; made to break off by their own errors, CVE-2025-8671), frames that carry nothing of a request,
 * header lists in endless CONTINUATION frames (CVE-2024-27316). The library counts some of that too, with bounds of its
 * own.
 *
 * Threads: a worker's, as the connection is. */
#ifndef GW_H2_GUARD_H
#define GW_H2_GUARD_H

#include "gateway/gw-service.h"

#include <nghttp2/nghttp2.h>

G_BEGIN_DECLS

/* The time over which resets and control frames are counted. */
#define GW_H2_GUARD_WINDOW_US G_GINT64_CONSTANT (10000000)
/* CONTINUATION frames of one header list: with a HEADERS frame before them they hold more than MaxHttpHeader allows. */
#define GW_H2_MAX_CONTINUATIONS 8

/* Zero-initialise. */
typedef struct
{
  gint64 since_us; /* when the counting began */
  guint n_resets, n_control;
  guint n_continuations; /* of the header list that comes */
} GwH2Guard;

/* A frame begins, or (@reset) a stream has ended with an error that is the client's.
 * Returns: NULL; or which limit the client is over (static, for logs): the connection is to be ended. */
const char *gw_h2_guard_frame (GwH2Guard *guard, const GwH2Settings *settings, const nghttp2_frame_hd *frame,
                               gint64 now_us);
const char *gw_h2_guard_reset (GwH2Guard *guard, const GwH2Settings *settings, gint64 now_us);

G_END_DECLS
#endif
