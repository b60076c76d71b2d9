#include <stddef.h>

#include "reporters/cachet.h"
#include "reporters/reporter.h"
#include "reporters/slack.h"
#include "reporters/webhook.h"

const struct reporter_type *const reporter_types[] = {
	&cachet_type,
	&slack_type,
	&webhook_type,
	NULL,
};
