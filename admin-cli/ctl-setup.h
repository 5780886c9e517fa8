/* Commands that put something of ours into databases that WSO2's scripts made, and take it out again: install, status
 * and remove. The exact SQL is shown first; nothing is done without consent. Threads: one. */
#ifndef CTL_SETUP_H
#define CTL_SETUP_H

#include "admin-cli/ctl-command.h"
#include "admin-cli/ctl-home.h"

G_BEGIN_DECLS

/* One database, which may hold both parts. */
typedef struct
{
  char *where;
  guint parts; /* ST_SCHEMA_BIT() */
  StDatabase *database;
  const ApimConfig *config; /* borrowed */
  gboolean sqlite;
  gboolean ours; /* this product made it: what the command installs is part of its schema */
  char *script;  /* (nullable): what is to be run */
  char *advice;  /* (nullable): what is to be known before */
} CtlSetupTarget;

typedef struct
{
  const char *command;   /* "db feed" */
  const char *all_ours;  /* why there is nothing to do where every database is ours */
  const char *install;   /* "Install the change feed", as a question */
  const char *remove;    /* likewise */
  const char *of_schema; /* what is said of a database of ours: "the feed is part of its schema, left alone" */
  const char *nothing;   /* "there is no feed" */
  /* Whether @target is ours. FALSE with @error. Not asked of SQLite. */
  gboolean (*inspect) (const CtlSetupTarget *target, gboolean *ours, GError **error);
  char *(*install_script) (const CtlSetupTarget *target, GError **error);
  char *(*remove_script) (const CtlSetupTarget *target, GError **error);
  /* Of an installation (nullable: none), and of a removal. Free with g_free(). NULL with @error. */
  char *(*advice) (const CtlSetupTarget *target, gboolean install, GError **error);
  gboolean (*run) (const CtlSetupTarget *target, gboolean install, GError **error);
  const char *const *columns; /* of the status: NULL ends them */
  /* Adds the status of @target to @table, and an object to @builder. *broken: (out): set where something is half there. */
  gboolean (*status) (const CtlSetupTarget *target, CtlTable *table, JsonBuilder *builder, gboolean *broken,
                      GError **error);
} CtlSetupKind;

/* --home and --yes, for the commands' tables. */
extern const CtlOption ctl_setup_options[];

/* The command: its argument says what to do. */
int ctl_setup_run (CtlCall *call, const CtlSetupKind *kind, GError **error);

G_END_DECLS
#endif
