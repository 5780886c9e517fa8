#include "config.h"

#include "admin-cli/ctl-status-text.h"

const char *
ctl_status_text (gint32 status)
{
  static const struct
  {
    gint32 status;
    const char *text;
  } texts[] = {
    { 0, "the Key Manager gave no reason" },
    { 900900, "the Key Manager could not decide: its log says why" },
    { 900901, "the token is unknown, expired or revoked" },
    { 900902, "no token was sent" },
    { 900903, "the token has expired" },
    { 900904, "the token is not active" },
    { 900905, "the resource asks for another type of token (application or user)" },
    { 900906, "the API has no such resource" },
    { 900907, "the subscription is blocked" },
    { 900908, "no subscription of this application to this API" },
    { 900909, "the subscription is on hold or was rejected" },
    { 900910, "the token or its user lacks the scope of this resource" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].status == status)
      return texts[i].text;
  return "a reason that this program does not know";
}
