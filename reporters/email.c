#include "reporters/email.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "reporters/outcome.h"
#include "reporters/rows.h"

enum {
	TIMEOUT_MIN_MS = 100,
	TIMEOUT_MAX_MS = 10 * 60 * 1000,
	RATE_MAX = 100 * 1000, /* mails a minute */
	DIALOGUE_MAX = 64 * 1024,
	COMPANY_MAX = 100, /* events in one mail */
	PORT_SUBMISSION = 587,
	PORT_IMPLICIT = 465,
	PORT_CLEAR = 25,
};

/* HTTP_MAIL_STARTTLS, _IMPLICIT and _CLEAR, or as the URL says. */
enum {
	TLS_BY_URL = -1,
};

struct email_settings {
	const char *name;
	const char *server;
	const char *from;
	struct conf_list to;
	const char *user, *password;
	int tls;
	const char *ca_file;
	bool insecure;
	const char *hello;
	const struct fill_template *template;
	int language;
	const char *time_zone;
	int64_t timeout_ms;
	int64_t rate_limit;
};

static const struct conf_choice protections[] = {
	{ "auto", TLS_BY_URL },
	{ "starttls", HTTP_MAIL_STARTTLS },
	{ "implicit", HTTP_MAIL_IMPLICIT },
	{ "none", HTTP_MAIL_CLEAR },
	{ NULL, 0 },
};

static const struct conf_field fields[] = {
	ROW_NAME(struct email_settings),
	{
		.key = "server",
		CONF_STRING(struct email_settings, server),
		.flags = CONF_REQUIRED,
		.help = "The mail server: smtp://mail.example.net:587, or "
			"smtps:// where TLS begins with the first byte.  "
			"Without a port it is 587, 465 for smtps://, and 25 "
			"with `tls: none`.",
	},
	{
		.key = "from",
		CONF_STRING(struct email_settings, from),
		.flags = CONF_REQUIRED,
		.help = "The sender: me@example.net, or My Name "
			"<me@example.net>.",
	},
	{
		.key = "to",
		CONF_STRINGS(struct email_settings, to),
		.flags = CONF_REQUIRED | CONF_NOT_EMPTY,
		.help = "The addresses of those who get the mail; each sees "
			"the others.",
	},
	{
		.key = "user",
		CONF_STRING(struct email_settings, user),
		.otherwise = "no login",
		.help = "With what to log in at the mail server.",
	},
	{
		.key = "password",
		CONF_STRING(struct email_settings, password),
		.flags = CONF_SECRET,
		.help = "The password of `user`.",
	},
	{
		.key = "tls",
		CONF_CHOICE(struct email_settings, tls, protections),
		.fallback = "auto",
		.help = "How the way to the server is protected: starttls "
			"sends nothing to a server without STARTTLS, implicit "
			"is TLS from the first byte, none sends all of it in "
			"clear; auto is implicit for smtps://, else starttls.",
	},
	{
		.key = "ca_file",
		CONF_STRING(struct email_settings, ca_file),
		.flags = CONF_FILE,
		.otherwise = "who is trusted usually",
		.help = "A file of certificates in PEM: the server's must come "
			"from one of them.",
	},
	{
		.key = "insecure",
		CONF_BOOL(struct email_settings, insecure),
		.fallback = "false",
		.help = "Take any certificate, and so give the password to "
			"whoever answers.",
	},
	{
		.key = "hello",
		CONF_STRING(struct email_settings, hello),
		.otherwise = "the domain of `from`",
		.help = "What the agent calls itself to the server (EHLO).",
	},
	ROW_TEMPLATE(struct email_settings),
	ROW_LANGUAGE(struct email_settings),
	ROW_TIME_ZONE(struct email_settings),
	{
		.key = "timeout",
		CONF_DURATION(struct email_settings, timeout_ms, TIMEOUT_MIN_MS,
			TIMEOUT_MAX_MS),
		.fallback = "30s",
		.help = "How long a mail may take, from the look-up of the "
			"server's name to its last word.",
	},
	{
		.key = "rate_limit",
		CONF_INT(struct email_settings, rate_limit, 1, RATE_MAX),
		.fallback = "30",
		.help = "Mails a minute, evenly; what comes faster goes "
			"together as one mail.",
	},
	{ .key = NULL },
};

/* Settings. */

static enum http_mail_tls
tls_of(const struct email_settings *settings, const struct url_origin *server)
{
	if (settings->tls != TLS_BY_URL)
		return (enum http_mail_tls)settings->tls;
	return server->tls ? HTTP_MAIL_IMPLICIT : HTTP_MAIL_STARTTLS;
}

static void
check_server(const struct email_settings *settings, struct conf_reader *reader)
{
	struct url_origin server;
	struct err err;
	if (!url_mail_server(settings->server, &server, &err)) {
		conf_reject(reader, "server", "%s", err.text);
		return;
	}
	enum http_mail_tls tls = tls_of(settings, &server);
	if (server.tls && tls != HTTP_MAIL_IMPLICIT)
		conf_reject(reader, "tls",
			"smtps:// is implicit; with smtp:// it may be "
			"starttls or none");
	bool is_near = str_starts(server.host, "127.")
		|| str_eq(server.host, "::1")
		|| str_eq(server.host, "localhost");
	if (tls == HTTP_MAIL_CLEAR && settings->password && !is_near)
		conf_warn(reader, "tls",
			"the password goes to the server in clear, for "
			"everybody on the way to read");
}

static void
check_addresses(const struct email_settings *settings,
	struct conf_reader *reader, struct arena *arena)
{
	const char *const *to = settings->to.items;
	struct email_address address;
	struct err err;
	if (!email_address_read(settings->from, arena, &address, &err))
		conf_reject(reader, "from", "%s", err.text);
	for (size_t i = 0; i < settings->to.count; i++)
		if (!email_address_read(to[i], arena, &address, &err))
			conf_reject_item(reader, "to", i, NULL, "%s", err.text);
	if (settings->to.count == 0)
		conf_reject(reader, "to", "expected at least one address");
	if (settings->to.count > EMAIL_RECIPIENTS_MAX)
		conf_reject(reader, "to", "expected at most %d addresses",
			EMAIL_RECIPIENTS_MAX);
}

static bool
is_hello(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.:[]_";
	return *text != '\0' && strlen(text) < URL_HOST_SIZE
		&& text[strspn(text, letters)] == '\0';
}

static bool
has_control(const char *text)
{
	return text && !http_is_header_value(text);
}

static void
check_login(const struct email_settings *settings, struct conf_reader *reader)
{
	bool user = settings->user && *settings->user != '\0';
	bool password = settings->password && *settings->password != '\0';
	if (user && !password)
		conf_reject(reader, "password",
			"expected the password of "
			"`user`");
	if (password && !user)
		conf_reject(reader, "user",
			"expected the user whose password "
			"it is");
	if (has_control(settings->user))
		conf_reject(reader, "user",
			"has line ends or other control "
			"characters in it");
	if (has_control(settings->password))
		conf_reject(reader, "password",
			"has line ends or other "
			"control characters in it");
}

static void
check(const void *section, struct conf_reader *reader)
{
	const struct email_settings *settings = section;
	struct arena *arena = arena_new();
	struct err err;
	check_server(settings, reader);
	check_addresses(settings, reader, arena);
	check_login(settings, reader);
	if (settings->ca_file && !http_check_ca_file(settings->ca_file, &err))
		conf_reject(reader, "ca_file", "%s", err.text);
	if (settings->ca_file && settings->insecure)
		conf_warn(reader, "ca_file",
			"does nothing where insecure takes any certificate");
	if (settings->hello && !is_hello(settings->hello))
		conf_reject(reader, "hello",
			"expected a name such as monitor.example.net");
	if (settings->time_zone)
		conf_zone_check(settings->time_zone, reader);
	arena_free(arena);
}

/* Of who is told, when nobody named it. */
static uint64_t
hash_of(const struct email_settings *settings)
{
	const char *const *to = settings->to.items;
	uint64_t hash = hash_text(settings->server);
	for (size_t i = 0; i < settings->to.count; i++)
		hash = hash * 31 + hash_text(to[i]);
	return hash;
}

static void
destroy(struct reporter *reporter)
{
	struct email *email = (struct email *)reporter;
	arena_free(email->arena);
	free(email);
}

static bool
take_server(struct email *email, const struct email_settings *settings,
	struct err *err)
{
	struct url_origin server;
	if (!settings->server)
		return err_set(err, "a mail needs a server");
	if (!url_mail_server(settings->server, &server, err))
		return false;
	email->tls = tls_of(settings, &server);
	bool implicit = email->tls == HTTP_MAIL_IMPLICIT;
	uint16_t port = implicit		? PORT_IMPLICIT
		: email->tls == HTTP_MAIL_CLEAR ? PORT_CLEAR
						: PORT_SUBMISSION;
	email->server = arena_printf(email->arena,
		strchr(server.host, ':') ? "%s://[%s]:%u" : "%s://%s:%u",
		implicit ? "smtps" : "smtp", server.host,
		server.port > 0 ? server.port : port);
	return true;
}

static bool
has_address(const struct email *email, const char *address)
{
	for (size_t i = 0; i < email->n_to; i++)
		if (str_ieq(email->to[i], address))
			return true;
	return false;
}

static bool
take_addresses(struct email *email, const struct email_settings *settings,
	struct err *err)
{
	const char *const *to = settings->to.items;
	size_t count = settings->to.count;
	if (!settings->from || count == 0)
		return err_set(err, "a mail needs a sender and a recipient");
	if (!email_address_read(
		    settings->from, email->arena, &email->from, err))
		return false;
	if (count > EMAIL_RECIPIENTS_MAX)
		return err_set(err, "a mail has at most %d recipients",
			EMAIL_RECIPIENTS_MAX);
	email->to = arena_alloc(email->arena, count * sizeof(*email->to));
	for (size_t i = 0; i < count; i++) {
		struct email_address address;
		if (!email_address_read(to[i], email->arena, &address, err))
			return false;
		if (!has_address(email, address.address))
			email->to[email->n_to++] = address.address;
	}
	return true;
}

static struct reporter *
create(const void *section, struct err *err)
{
	const struct email_settings *settings = section;
	struct email *email = mem_zalloc(sizeof(*email));
	email->arena = arena_new_small();
	if (!take_server(email, settings, err)
		|| !take_addresses(email, settings, err)
		|| !words_choose(&email->words, settings->language,
			settings->time_zone, email->arena, err)) {
		destroy(&email->base);
		return NULL;
	}
	bool login = settings->user && *settings->user != '\0';
	email->user = login ? settings->user : NULL;
	email->password = login ? settings->password : NULL;
	email->ca_file = settings->ca_file;
	email->insecure = settings->insecure;
	email->hello = settings->hello ? settings->hello
				       : strrchr(email->from.address, '@') + 1;
	email->template = settings->template;
	email->timeout_ms = settings->timeout_ms;
	email->rate_limit = settings->rate_limit;
	email->base.audience = AUDIENCE_ALL;
	email->base.id =
		reporter_id("email", settings->name, hash_of(settings));
	return &email->base;
}

/* Events. */

static void
compose(const struct email *email, const struct reporter_context *context,
	struct reporter_step *step)
{
	struct arena *arena = context->arena;
	const char *message = email_message(email, context);
	const char **to =
		arena_alloc(arena, EMAIL_RECIPIENTS_MAX * sizeof(*to));
	struct http_mail *mail = arena_alloc(arena, sizeof(*mail));
	*mail = (struct http_mail){
		.hello = email->hello,
		.from = email->from.address,
		.to = to,
		.n_to = email_left(email, context->carry, to),
		.user = email->user,
		.password = email->password,
		.tls = email->tls,
	};
	*step = (struct reporter_step){
		.kind = STEP_SEND,
		.request = {
			.method = "POST",
			.url = email->server,
			.body = message,
			.body_len = strlen(message),
			.connect_ms = email->timeout_ms,
			.total_ms = email->timeout_ms,
			.body_max = DIALOGUE_MAX,
			.cut_body = true,
			.insecure = email->insecure,
			.ca_file = email->ca_file,
			.mail = mail,
		},
	};
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct email *email = (const struct email *)reporter;
	const char *left[EMAIL_RECIPIENTS_MAX];
	if (answer)
		email_judge(email, context, answer, step);
	else if (email_left(email, context->carry, left) == 0)
		outcome_done(step, ""); /* they are recipients no more */
	else
		compose(email, context, step);
}

static struct reporter_limit
limit(const struct reporter *reporter)
{
	const struct email *email = (const struct email *)reporter;
	return reporter_limit_of(email->rate_limit, 1);
}

const struct reporter_type email_type = {
	.conf = {
		.name = "email",
		.section = {
			.name = "email",
			.size = sizeof(struct email_settings),
			.fields = fields,
			.check = check,
		},
		.digests = true,
		.reminds = true,
		.help = "A mail to people, by SMTP.",
	},
	.company_max = COMPANY_MAX,
	.create = create,
	.destroy = destroy,
	.plan = reporter_plan_message,
	.step = step_event,
	.limit = limit,
};
