#include "config.h"
#include "gateway/gw-h2-guard.h"

static void
begin_window (GwH2Guard *guard, gint64 now_us)
{
  if (guard->since_us != 0 && now_us - guard->since_us < GW_H2_GUARD_WINDOW_US)
    return;
  guard->since_us = now_us;
  guard->n_resets = guard->n_control = 0;
}

/* Frames of requests and of flow control are paid for by what they bring. */
static gboolean
is_control (const nghttp2_frame_hd *frame)
{
  switch (frame->type)
    {
    case NGHTTP2_DATA:
      return frame->length == 0 && (frame->flags & NGHTTP2_FLAG_END_STREAM) == 0;
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
    case NGHTTP2_WINDOW_UPDATE:
    case NGHTTP2_RST_STREAM: /* counted as a reset when it ends a stream */
      return FALSE;
    default:
      return TRUE;
    }
}

const char *
gw_h2_guard_frame (GwH2Guard *guard, const GwH2Settings *settings, const nghttp2_frame_hd *frame, gint64 now_us)
{
  if (frame->type != NGHTTP2_CONTINUATION)
    guard->n_continuations = 0;
  else if (++guard->n_continuations > GW_H2_MAX_CONTINUATIONS)
    return "CONTINUATION frames of one header list";
  if (!is_control (frame))
    return NULL;
  begin_window (guard, now_us);
  return ++guard->n_control > settings->max_control_frames ? "Http2ControlFrames" : NULL;
}

const char *
gw_h2_guard_reset (GwH2Guard *guard, const GwH2Settings *settings, gint64 now_us)
{
  begin_window (guard, now_us);
  return ++guard->n_resets > settings->max_resets ? "Http2Resets" : NULL;
}
