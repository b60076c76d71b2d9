#include "conf/reminder.h"

#include "conf/digest.h"
#include "conf/document.h"
#include "conf/reader.h"

enum {
	REMINDERS_MAX = 100,
};

#define WEEK_MS (7.0 * 24 * 3600 * 1000)

static void
check(const void *section, struct conf_reader *reader)
{
	const struct conf_reminder *reminder = section;
	if (reminder->after_ms > 0 && reminder->up_to_ms < reminder->after_ms)
		conf_reject(reader, "up_to",
			"is shorter than `after`: the interval only grows");
}

static const struct conf_field fields[] = {
	{ "after", CONF_DURATION(struct conf_reminder, after_ms, 1000, WEEK_MS),
		.flags = CONF_REQUIRED,
		.help = "How long after the agent heard of a problem it is told"
			" again for the first time; after that the interval"
			" doubles." },
	{ "up_to", CONF_DURATION(struct conf_reminder, up_to_ms, 1000, WEEK_MS),
		.fallback = "1d",
		.help = "The longest interval; it grows no more then." },
	{ "report_to", CONF_STRINGS(struct conf_reminder, report_to),
		.otherwise = "all reporters that remind",
		.help = "Who is reminded, by the names of reporters, of what"
			" they were told." },
	{ 0 },
};

const struct conf_section conf_reminder_section = {
	.name = "reminder",
	.size = sizeof(struct conf_reminder),
	.fields = fields,
	.check = check,
};

static void
check_reporter(const struct conf *conf, struct conf_reader *reader,
	size_t index, const char *name)
{
	const struct conf_chosen *reporter = conf_reporter_called(conf, name);
	if (!reporter)
		conf_reject_item(reader, "reminders", index, "report_to",
			"no reporter is named \"%.80s\"; see \"reporters:\"",
			name);
	else if (!reporter->variant->reminds)
		conf_reject_item(reader, "reminders", index, "report_to",
			"\"%.80s\" is a %s, which shows how things are all "
			"the time",
			name, reporter->variant->name);
}

void
conf_check_reminders(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_reminder *reminders = conf->reminders.items;
	if (conf->reminders.count > REMINDERS_MAX)
		conf_reject(reader, "reminders", "expected at most %d of them",
			REMINDERS_MAX);
	for (size_t i = 0; i < conf->reminders.count; i++) {
		const char *const *names = reminders[i].report_to.items;
		for (size_t k = 0; k < reminders[i].report_to.count; k++)
			check_reporter(conf, reader, i, names[k]);
	}
}
