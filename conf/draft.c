#include "conf/draft.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "conf/quote.h"

enum {
	NUMBER_SIZE = 24,
	WORD_SIZE = 128,
};

struct draft {
	struct buf *out;
	const char *margin; /* NULL: in braces */
	bool begun;
};

static void
begin_key(struct draft *draft, const char *key)
{
	if (draft->margin)
		buf_printf(draft->out, "%s%s%s:", draft->margin,
			draft->begun ? "  " : "- ", key);
	else
		buf_printf(draft->out, "%s%s:", draft->begun ? ", " : "{", key);
	draft->begun = true;
}

static void
end_line(struct draft *draft)
{
	if (draft->margin)
		buf_add_char(draft->out, '\n');
}

static void
put_text(struct draft *draft, const char *key, const char *text)
{
	if (!text)
		return;
	begin_key(draft, key);
	buf_add_char(draft->out, ' ');
	conf_quote_text(draft->out, text);
	end_line(draft);
}

static void
put_value(struct draft *draft, const char *key, const char *value)
{
	if (!value)
		return;
	begin_key(draft, key);
	buf_add_char(draft->out, ' ');
	conf_quote_value(draft->out, value);
	end_line(draft);
}

static void
put_number(struct draft *draft, const char *key, int64_t number)
{
	char text[NUMBER_SIZE];
	snprintf(text, sizeof(text), "%" PRId64, number);
	put_value(draft, key, number != 0 ? text : NULL);
}

static void
put_header(struct draft *draft, const struct conf_draft_endpoint *endpoint)
{
	if (endpoint->n_header == 0)
		return;
	begin_key(draft, "header");
	if (!draft->margin)
		buf_add_text(draft->out, " {");
	end_line(draft);
	for (size_t i = 0; i < endpoint->n_header; i++) {
		if (draft->margin)
			buf_printf(draft->out, "%s    ", draft->margin);
		else if (i > 0)
			buf_add_text(draft->out, ", ");
		conf_quote_text(draft->out, endpoint->header[i].key);
		buf_add_text(draft->out, ": ");
		conf_quote_text(draft->out, endpoint->header[i].value);
		end_line(draft);
	}
	if (!draft->margin)
		buf_add_char(draft->out, '}');
}

static void
put_rule(struct buf *out, const struct conf_draft_rule *rule)
{
	buf_printf(out, "{type: %s, %s: ", rule->type, rule->key);
	if (rule->is_text)
		conf_quote_text(out, rule->value);
	else
		conf_quote_value(out, rule->value);
	buf_add_text(out, ", incident: ");
	conf_quote_value(out, rule->incident);
	buf_add_char(out, '}');
}

static void
put_rules(struct draft *draft, const struct conf_draft_endpoint *endpoint)
{
	if (endpoint->n_rules == 0)
		return;
	begin_key(draft, "expectation");
	if (!draft->margin)
		buf_add_text(draft->out, " [");
	end_line(draft);
	for (size_t i = 0; i < endpoint->n_rules; i++) {
		if (draft->margin)
			buf_printf(draft->out, "%s    - ", draft->margin);
		else if (i > 0)
			buf_add_text(draft->out, ", ");
		put_rule(draft->out, &endpoint->rules[i]);
		end_line(draft);
	}
	if (!draft->margin)
		buf_add_char(draft->out, ']');
}

static void
put_names(struct draft *draft, const char *key, const char *names)
{
	if (!names)
		return;
	begin_key(draft, key);
	buf_add_text(draft->out, " [");
	bool begun = false;
	while (*names != '\0') {
		char word[WORD_SIZE];
		names += strspn(names, ", ");
		size_t len = strcspn(names, ", ");
		snprintf(word, sizeof(word), "%.*s",
			(int)(len < WORD_SIZE ? len : WORD_SIZE), names);
		names += len;
		if (len == 0)
			continue;
		buf_add_text(draft->out, begun ? ", " : "");
		conf_quote_value(draft->out, word);
		begun = true;
	}
	buf_add_char(draft->out, ']');
	end_line(draft);
}

static void
put_endpoint(struct draft *draft, const struct conf_draft_endpoint *endpoint)
{
	put_text(draft, "name", endpoint->name);
	put_text(draft, "url", endpoint->url);
	put_value(draft, "method", endpoint->method);
	put_header(draft, endpoint);
	put_value(draft, "insecure", endpoint->insecure ? "true" : NULL);
	put_value(draft, "timeout", endpoint->timeout);
	put_value(draft, "on_timeout", endpoint->on_timeout);
	put_rules(draft, endpoint);
	put_value(draft, "allowed_fails", endpoint->allowed_fails);
	put_text(draft, "cachet", endpoint->cachet);
	put_number(draft, "component_id", endpoint->component_id);
	put_number(draft, "metric_id", endpoint->metric_id);
	put_names(draft, "action", endpoint->action);
	put_value(draft, "public_incidents", endpoint->public_incidents);
	put_value(draft, "latency_unit", endpoint->latency_unit);
	put_value(draft, "frequency", endpoint->frequency);
}

void
conf_draft_lines(struct buf *out, const char *margin,
	const struct conf_draft_endpoint *endpoint)
{
	struct draft draft = { .out = out, .margin = margin };
	put_endpoint(&draft, endpoint);
}

void
conf_draft_braces(struct buf *out, const struct conf_draft_endpoint *endpoint)
{
	struct draft draft = { .out = out };
	put_endpoint(&draft, endpoint);
	buf_add_char(out, '}');
}
