/* What workflows of the Store and the administration are tried with: a CorePortal over a WriteWorld's
 * database, and people who may do one thing or another. Threads: one, but for the portal. */
#ifndef PORTAL_WORLD_H
#define PORTAL_WORLD_H

#include "core/core-portal.h"
#include "tests/lib/write-world.h"

G_BEGIN_DECLS

typedef struct
{
  WriteWorld *world;
  CorePortal portal;
  ApimConfig *config;             /* the defaults */
  ApimWorkflowSettings workflows; /* the portal's; all simple */
  CoreActor *alice;               /* subscriber */
  CoreActor *bob;                 /* subscriber */
  CoreActor *dave;                /* subscriber of the tenant example.com, 7 */
  CoreActor *publisher;           /* creates and publishes, and approves nothing */
  CoreActor *admin;               /* may do everything in carbon.super */
  CoreActor *visitor;
} PortalWorld;

PortalWorld *portal_world_new (WriteWorld *world);
void portal_world_free (PortalWorld *portal_world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PortalWorld, portal_world_free)

/* A call that must succeed, which sets "error". */
#define PORTAL_DO(call)                                                                                      \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autoptr (GError) error = NULL;                                                                         \
    gboolean done = (call);                                                                                  \
    g_assert_no_error (error);                                                                               \
    g_assert_true (done);                                                                                    \
  }                                                                                                          \
  G_STMT_END
/* One that must be refused with @portal_code of CORE_PORTAL_ERROR and a message that has @words. */
#define PORTAL_REFUSE(portal_code, words, call)                                                              \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autoptr (GError) error = NULL;                                                                         \
    g_assert_false (call);                                                                                   \
    g_assert_error (error, CORE_PORTAL_ERROR, portal_code);                                                  \
    write_world_assert_words (error, words);                                                                 \
  }                                                                                                          \
  G_STMT_END

G_END_DECLS
#endif
