/* StWorkflow: a task that waits for somebody's decision, and how it ended: the rows of AM_WORKFLOWS
 * (spec/databases.md 4.1, 9, 10), read and written within an operation of StWriter. What is approved without
 * anybody has no row. Errors: as in st-application-writes.h. Threads: as StWriter. */
#ifndef ST_WORKFLOW_H
#define ST_WORKFLOW_H

#include "store/st-list.h"

G_BEGIN_DECLS

#define ST_WORKFLOW_CREATED "CREATED"
#define ST_WORKFLOW_APPROVED "APPROVED"
#define ST_WORKFLOW_REJECTED "REJECTED"

typedef struct
{
  gint64 id;
  char *type;      /* WF_TYPE */
  char *reference; /* WF_REFERENCE: the application's or subscription's id, the external reference of keys, a
                      user name */
  char *external_reference; /* WF_EXTERNAL_REFERENCE: a UUID, unique */
  char *status;             /* CREATED, APPROVED, REJECTED, REGISTERED */
  char *description;        /* nullable: WF_STATUS_DESC */
  gint tenant_id;
  char *tenant_domain; /* nullable */
  gint64 created_ms;   /* since the epoch */
  gint64 updated_ms;
} StWorkflow;

void st_workflow_free (StWorkflow *workflow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StWorkflow, st_workflow_free)

typedef struct
{
  const char *type;
  const char *reference;
  const char *external_reference;
  const char *description; /* (nullable) */
  gint tenant_id;
  const char *tenant_domain;
} StNewWorkflow;

/* A task that waits (CREATED). */
gboolean st_write_add_workflow (StWriter *writer, const StNewWorkflow *workflow, GError **error);

/* *found: (transfer full), NULL when there is none with exactly this reference. @lock: until the end of the
 * transaction, so that one decides. */
gboolean st_workflow_find (StWriter *writer, const char *external_reference, gboolean lock,
                           StWorkflow **found, GError **error);

/* @status: APPROVED or REJECTED, or CREATED with another @description (nullable: it stays). */
gboolean st_write_workflow_status (StWriter *writer, gint64 id, const char *status, const char *description,
                                   GError **error);

/* Takes away the tasks of this type and reference that still wait: nobody needs to decide any more. */
gboolean st_write_drop_workflows (StWriter *writer, const char *type, const char *reference, GError **error);

typedef struct
{
  gint tenant_id;
  const char *type;   /* (nullable): any */
  const char *status; /* (nullable): any */
} StWorkflowFilter;

/* Oldest first. *workflows: (transfer full) (element-type StWorkflow). @page, *total: as st_list_read(). */
gboolean st_workflow_list (StWriter *writer, const StWorkflowFilter *filter, const StPage *page,
                           GPtrArray **workflows, gint64 *total, GError **error);

G_END_DECLS
#endif
