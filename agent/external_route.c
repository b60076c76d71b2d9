#include <ctype.h>
#include <fnmatch.h>

#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "conf/inbound.h"
#include "reporters/reporter.h"

enum {
	TEXT_SIZE = 512,
};

static void
lower(const char *from, char to[static TEXT_SIZE])
{
	str_copy(to, TEXT_SIZE, from);
	for (; *to != '\0'; to++)
		*to = (char)tolower((unsigned char)*to);
}

/* Without regard to case. */
static bool
fits(const char *pattern, const char *text)
{
	char low_pattern[TEXT_SIZE];
	char low_text[TEXT_SIZE];
	if (!pattern)
		return true;
	lower(pattern, low_pattern);
	lower(text, low_text);
	return fnmatch(low_pattern, low_text, 0) == 0;
}

static bool
has_label(const struct problem *problem, const struct conf_pair *wanted)
{
	for (size_t i = 0; i < problem->n_labels; i++)
		if (str_eq(problem->labels[i].name, wanted->key)
			&& fits(wanted->value, problem->labels[i].value))
			return true;
	return false;
}

static bool
matches(const struct conf_inbound_match *match, const struct problem *problem)
{
	if (!match)
		return true;
	const struct conf_pair *labels = match->labels.items;
	for (size_t i = 0; i < match->labels.count; i++)
		if (!has_label(problem, &labels[i]))
			return false;
	return fits(match->subject, problem->subject)
		&& fits(match->service, problem->service)
		&& fits(match->category, problem->category)
		&& fits(match->account, problem->account)
		&& fits(match->region, problem->region)
		&& fits(match->severity, problem->severity);
}

const struct conf_inbound_rule *
external_rule(const struct conf_inbound *source, const struct problem *problem)
{
	const struct conf_inbound_rule *rules = source->rules.items;
	for (size_t i = 0; i < source->rules.count; i++)
		if (matches(rules[i].match, problem))
			return &rules[i];
	return NULL;
}

static bool
is_named(const struct conf_list *list, const char *name)
{
	const char *const *names = list->items;
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

bool
external_is_chosen(const struct conf_inbound *source,
	const struct conf_inbound_rule *rule, const struct reporter *reporter)
{
	/* One without a name has heard of everything always. */
	if (!source || !reporter->name)
		return true;
	const struct conf_list *to =
		rule ? &rule->report_to : &source->report_to;
	return to->count == 0 || is_named(to, reporter->name);
}
