/* The findings of a StCheck, for people, pipes and programs. Threads: one. */
#ifndef CTL_CHECK_REPORT_H
#define CTL_CHECK_REPORT_H

#include "admin-cli/ctl-output.h"
#include "store/st-check.h"

G_BEGIN_DECLS

/* Prints the databases, then the findings, the worst first. On a terminal a finding is a few lines; in a pipe one line:
 * severity, part, code, text, why, what to do. @sources: by StSchemaPart, NULL for what was not checked. */
void ctl_check_report_print (CtlOutput *output, StCheck *check, const ApimDataSource *const sources[2]);

G_END_DECLS
#endif
