/* What a mail server said, step by step; see struct http_mail. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/hash.h"
#include "agent/base/str.h"
#include "reporters/email.h"
#include "reporters/outcome.h"

enum {
	VERB_SIZE = 16,
	WORDS_SIZE = 120,
	LINE_SIZE = 512,
	CODE_NOT_NOW = 421,
	CODE_LOG_IN = 530,
	CODE_TOO_LARGE = 552,
};

/* Who is left: "left <attempts> <hash> <hash>...". */

static bool
is_left(const char *carry, const char *address)
{
	char word[24];
	snprintf(word, sizeof(word), " %016" PRIx64, hash_text(address));
	return strstr(carry, word) != NULL;
}

size_t
email_left(const struct email *email, const char *carry,
	const char *left[static EMAIL_RECIPIENTS_MAX])
{
	bool all = !str_starts(carry, "left ");
	size_t n = 0;
	for (size_t i = 0; i < email->n_to; i++)
		if (all || is_left(carry, email->to[i]))
			left[n++] = email->to[i];
	return n;
}

static int
attempts_in(const char *carry)
{
	return str_starts(carry, "left ")
		? (int)strtol(carry + strlen("left "), NULL, 10)
		: 0;
}

/* The replies. */

struct reply {
	char verb[VERB_SIZE];
	int code;
	char words[WORDS_SIZE]; /* what follows the code */
};

struct verdict {
	struct reply last;
	size_t n_recipients; /* that were answered */
	int codes[EMAIL_RECIPIENTS_MAX];
	struct reply lacking; /* the first that was not taken, or zeroes */
	struct reply deferral; /* the first that was deferred, likewise */
	size_t n_taken, n_deferred, n_refused;
};

/* The rest of the text behind this line. */
static const char *
read_line(const char *text, struct reply *reply)
{
	size_t len = strcspn(text, "\n");
	size_t verb = strcspn(text, " \n");
	*reply = (struct reply){ .code = 0 };
	if (verb < len && verb < VERB_SIZE) {
		char line[LINE_SIZE];
		char *words;
		memcpy(reply->verb, text, verb);
		snprintf(line, sizeof(line), "%.*s", (int)(len - verb),
			text + verb);
		reply->code = (int)strtol(line, &words, 10);
		words += strspn(words, " ");
		str_copy(reply->words, sizeof(reply->words), words);
	}
	return text[len] == '\n' ? text + len + 1 : text + len;
}

static void
count(struct verdict *verdict, const struct reply *reply)
{
	if (verdict->n_recipients == EMAIL_RECIPIENTS_MAX)
		return;
	verdict->codes[verdict->n_recipients++] = reply->code;
	if (reply->code / 100 == 2) {
		verdict->n_taken++;
		return;
	}
	bool deferred = reply->code / 100 == 4;
	if (deferred && verdict->n_deferred++ == 0)
		verdict->deferral = *reply;
	if (!deferred)
		verdict->n_refused++;
	if (verdict->n_deferred + verdict->n_refused == 1)
		verdict->lacking = *reply;
}

static void
read_replies(const struct http_response *answer, struct verdict *verdict)
{
	*verdict = (struct verdict){ .n_recipients = 0 };
	for (const char *at = answer->body; *at != '\0';) {
		struct reply reply;
		at = read_line(at, &reply);
		if (str_eq(reply.verb, "RCPT"))
			count(verdict, &reply);
		if (reply.verb[0] != '\0')
			verdict->last = reply;
	}
}

/* What they mean. */

static void
say(struct reporter_step *step, enum reporter_step_kind kind, const char *what,
	const struct reply *reply)
{
	outcome_set(step, kind, "%s (%d %s)", what, reply->code, reply->words);
	step->undone = true;
}

static void
try_later(struct reporter_step *step, const char *what,
	const struct reply *reply, bool down)
{
	say(step, STEP_RETRY, what, reply);
	step->target_down = down || reply->code == CODE_NOT_NOW;
}

/* Before it came to a mail: it is about us and the server. */
static void
judge_server(const struct reply *reply, struct reporter_step *step)
{
	bool login = str_eq(reply->verb, "AUTH") || reply->code == CODE_LOG_IN;
	const char *what = login ? "the mail server refused the login"
				 : "the mail server does not serve us";
	if (reply->code / 100 == 4)
		try_later(
			step, "the mail server asks for patience", reply, true);
	else
		say(step, STEP_SUSPENDED, what, reply);
}

static void
judge_sender(const struct reply *reply, struct reporter_step *step)
{
	if (reply->code / 100 == 4)
		try_later(step, "the mail server does not take it now", reply,
			false);
	else if (reply->code == CODE_TOO_LARGE)
		say(step, STEP_REJECTED, "the mail server takes no such mail",
			reply);
	else if (reply->code == CODE_LOG_IN)
		say(step, STEP_SUSPENDED, "the mail server wants a login",
			reply);
	else
		say(step, STEP_SUSPENDED,
			"the mail server takes no mail from this sender",
			reply);
}

/* None of them was taken. */
static void
judge_recipients(const struct verdict *verdict, struct reporter_step *step)
{
	if (verdict->n_deferred > 0)
		try_later(step, "the mail server takes no recipient now",
			&verdict->deferral, false);
	else
		say(step, STEP_SUSPENDED, "the mail server takes no recipient",
			&verdict->lacking);
}

static void
judge_message(const struct reply *reply, struct reporter_step *step)
{
	if (reply->code / 100 == 4)
		try_later(step, "the mail server does not take it now", reply,
			false);
	else
		say(step, STEP_REJECTED, "the mail server refused the mail",
			reply);
}

static void
judge_refusal(const struct verdict *verdict, struct reporter_step *step)
{
	static const char *const of_server[] = { "CONNECT", "EHLO", "STARTTLS",
		"AUTH" };
	const struct reply *reply = &verdict->last;
	for (size_t i = 0; i < sizeof(of_server) / sizeof(of_server[0]); i++)
		if (str_eq(reply->verb, of_server[i])) {
			judge_server(reply, step);
			return;
		}
	if (str_eq(reply->verb, "MAIL"))
		judge_sender(reply, step);
	else if (str_eq(reply->verb, "RCPT"))
		judge_recipients(verdict, step);
	else
		judge_message(reply, step);
}

/* The mail was taken, but not for everybody. */

static void
keep_left(char *carry, const char *const *asked, size_t n_asked,
	const struct verdict *verdict, int attempts)
{
	struct buf left;
	buf_init(&left, REPORTER_CARRY_MAX - 1);
	buf_printf(&left, "left %d", attempts);
	for (size_t i = 0; i < n_asked && i < verdict->n_recipients; i++)
		if (verdict->codes[i] / 100 == 4)
			buf_printf(&left, " %016" PRIx64, hash_text(asked[i]));
	str_copy(carry, REPORTER_CARRY_MAX, left.data);
	buf_finish(&left);
}

/* The first that has not got it. */
static const char *
lacking(const char *const *asked, size_t n_asked, const struct verdict *verdict)
{
	for (size_t i = 0; i < n_asked && i < verdict->n_recipients; i++)
		if (verdict->codes[i] / 100 != 2)
			return asked[i];
	return "somebody";
}

static void
judge_taken(const struct email *email, const struct reporter_context *context,
	const struct verdict *verdict, struct reporter_step *step)
{
	const char *asked[EMAIL_RECIPIENTS_MAX];
	size_t n_asked = email_left(email, context->carry, asked);
	size_t n_lacking = verdict->n_deferred + verdict->n_refused;
	int attempts = attempts_in(context->carry) + 1;
	bool again = verdict->n_deferred > 0 && attempts < EMAIL_ATTEMPTS_MAX;
	outcome_done(step, "");
	if (n_lacking == 0)
		return;
	/* Of several pieces of news each remembers who is left. */
	if (again)
		keep_left(context->carry, asked, n_asked, verdict, attempts);
	outcome_set(step, again ? STEP_RETRY : STEP_DONE,
		"%zu of %zu recipients have not got it, %.60s among them "
		"(%d %s)",
		n_lacking, email->n_to, lacking(asked, n_asked, verdict),
		verdict->lacking.code, verdict->lacking.words);
}

/* Those who were left were refused again; the others have it. */
static bool
is_last_of_some(
	const struct reporter_context *context, const struct verdict *verdict)
{
	return str_starts(context->carry, "left ")
		&& str_eq(verdict->last.verb, "RCPT");
}

void
email_judge(const struct email *email, const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	struct verdict verdict;
	read_replies(answer, &verdict);
	if (answer->status == 0 && verdict.last.verb[0] != '\0'
		&& verdict.last.code == 0)
		outcome_set(step, STEP_SUSPENDED, "%s", answer->detail);
	else if (answer->status == 0)
		outcome_no_answer(step, "the mail server", answer);
	else if (answer->status / 100 == 2
		|| is_last_of_some(context, &verdict))
		judge_taken(email, context, &verdict, step);
	else if (verdict.last.verb[0] != '\0')
		judge_refusal(&verdict, step);
	else
		outcome_set(step, STEP_RETRY, "the mail server answered %d",
			answer->status);
}
