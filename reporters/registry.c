#include <stddef.h>

#include "reporters/cachet.h"
#include "reporters/dingtalk.h"
#include "reporters/email.h"
#include "reporters/feishu.h"
#include "reporters/reporter.h"
#include "reporters/slack.h"
#include "reporters/webhook.h"
#include "reporters/wecom.h"

const struct reporter_type *const reporter_types[] = {
	&cachet_type,
	&dingtalk_type,
	&email_type,
	&feishu_type,
	&slack_type,
	&webhook_type,
	&wecom_type,
	NULL,
};
