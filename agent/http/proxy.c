#include "agent/http/proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	WORD_SIZE = 512, /* of one item of no_proxy; a longer one is not met */
};

static const char *
variable(const char *small, const char *capitals)
{
	const char *text = getenv(small);
	if (!text)
		text = getenv(capitals);
	return text && *text != '\0' ? text : NULL;
}

struct http_proxy_words
http_proxy_environment(void)
{
	const char *none = variable("no_proxy", "NO_PROXY");
	return (struct http_proxy_words){
		.http = variable("http_proxy", "HTTP_PROXY"),
		.https = variable("https_proxy", "HTTPS_PROXY"),
		.all = variable("all_proxy", "ALL_PROXY"),
		.none = none ? none : variable("NO_PROXY", "NO_PROXY"),
	};
}

/* Reading them. */

static char *
decode(const char *text, size_t len)
{
	char *plain = mem_alloc(len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%' && i + 2 < len
			&& isxdigit((unsigned char)text[i + 1])
			&& isxdigit((unsigned char)text[i + 2])) {
			char hex[] = { text[i + 1], text[i + 2], '\0' };
			c = (char)strtoul(hex, NULL, 16);
			i += 2;
		}
		plain[n++] = c;
	}
	plain[n] = '\0';
	return plain;
}

static void
set_user(struct http_proxy *proxy, const char *user)
{
	size_t len = strcspn(user, ":");
	proxy->user = decode(user, len);
	user += len;
	if (*user == ':')
		user++;
	proxy->password = decode(user, strlen(user));
}

static struct http_proxy *
proxy_new(const char *text, struct err *err)
{
	struct arena *arena = arena_new_small();
	struct http_proxy *proxy = NULL;
	struct url url;
	const char *whole;
	if (url_normalise(text, arena, &whole, err)
		&& url_parse(whole, arena, &url, err)) {
		proxy = mem_zalloc(sizeof(*proxy));
		proxy->tls = str_eq(url.scheme, "https");
		proxy->port = url.port;
		str_copy(proxy->host, sizeof(proxy->host), url.host);
		if (url.user)
			set_user(proxy, url.user);
	}
	arena_free(arena);
	return proxy;
}

static void
proxy_free(struct http_proxy *proxy)
{
	if (!proxy)
		return;
	free(proxy->user);
	free(proxy->password);
	free(proxy);
}

/* True also when there is none to read. */
static bool
read_proxy(struct http_proxy **proxy, const char *own, const char *all,
	const char *name, struct err *err)
{
	const char *text = own ? own : all;
	*proxy = NULL;
	if (!text)
		return true;
	*proxy = proxy_new(text, err);
	return *proxy || err_prefix(err, "%s", own ? name : "all_proxy");
}

bool
http_proxies_init(struct http_proxies *proxies,
	const struct http_proxy_words *words, struct err *err)
{
	*proxies = (struct http_proxies){ 0 };
	if (!read_proxy(&proxies->plain, words->http, words->all, "http_proxy",
		    err))
		return false;
	if (!read_proxy(&proxies->tls, words->https, words->all, "https_proxy",
		    err)) {
		http_proxies_finish(proxies);
		return false;
	}
	proxies->none = words->none ? mem_dup(words->none) : NULL;
	return true;
}

void
http_proxies_finish(struct http_proxies *proxies)
{
	proxy_free(proxies->plain), proxies->plain = NULL;
	proxy_free(proxies->tls), proxies->tls = NULL;
	free(proxies->none), proxies->none = NULL;
}

/* Choosing. */

struct bytes {
	int family; /* 0: it is no address */
	unsigned char at[16];
};

static struct bytes
address_of(const char *text)
{
	struct bytes bytes = { .family = AF_INET };
	if (inet_pton(AF_INET, text, bytes.at) == 1)
		return bytes;
	bytes.family = inet_pton(AF_INET6, text, bytes.at) == 1 ? AF_INET6 : 0;
	return bytes;
}

/* "[::1]" as "::1" */
static void
drop_brackets(char *word)
{
	size_t len = strlen(word);
	if (len < 2 || word[0] != '[' || word[len - 1] != ']')
		return;
	memmove(word, word + 1, len - 2);
	word[len - 2] = '\0';
}

/* "10.0.0.0/8"; the word is changed. */
static bool
is_in_network(const struct bytes *address, char *word)
{
	char *slash = strchr(word, '/');
	int64_t bits;
	if (!slash || !str_int(slash + 1, &bits))
		return false;
	*slash = '\0';
	struct bytes network = address_of(word);
	if (network.family != address->family || bits < 0
		|| bits > (network.family == AF_INET ? 32 : 128))
		return false;
	for (int64_t i = 0; i < bits; i++) {
		unsigned char bit = (unsigned char)(0x80 >> i % 8);
		if ((network.at[i / 8] ^ address->at[i / 8]) & bit)
			return false;
	}
	return true;
}

static bool
ends_with_host(const char *host, const char *word)
{
	/* What begins with a dot is also for the name itself. */
	return str_ends(host, word) || (*word == '.' && str_eq(host, word + 1));
}

/* The word is changed. */
static bool
is_met(const struct url_origin *target, const struct bytes *address, char *word)
{
	char with_port[URL_HOST_SIZE + 16];
	snprintf(with_port, sizeof(with_port),
		address->family == AF_INET6 ? "[%s]:%u" : "%s:%u", target->host,
		target->port);
	if (str_eq(word, "*") || str_eq(word, with_port))
		return true;
	if (address->family == 0)
		return ends_with_host(target->host, word)
			|| ends_with_host(with_port, word);
	drop_brackets(word);
	struct bytes other = address_of(word);
	if (other.family == address->family)
		return memcmp(other.at, address->at, sizeof(other.at)) == 0;
	return is_in_network(address, word);
}

/* The next item, in lower case and without blanks; false at the end. */
static bool
next_word(const char **list, char word[static WORD_SIZE])
{
	size_t len = 0;
	if (**list == '\0')
		return false;
	for (; **list != '\0' && **list != ','; ++*list)
		if (!isspace((unsigned char)**list) && len < WORD_SIZE - 1)
			word[len++] = (char)tolower((unsigned char)**list);
	word[len] = '\0';
	if (**list == ',')
		++*list;
	return true;
}

static bool
goes_without(const char *list, const struct url_origin *target)
{
	struct bytes address = address_of(target->host);
	char word[WORD_SIZE];
	while (next_word(&list, word))
		if (*word != '\0' && is_met(target, &address, word))
			return true;
	return false;
}

const struct http_proxy *
http_proxy_choose(
	const struct http_proxies *proxies, const struct url_origin *target)
{
	const struct http_proxy *proxy =
		target->tls ? proxies->tls : proxies->plain;
	if (!proxy || (proxies->none && goes_without(proxies->none, target)))
		return NULL;
	return proxy;
}
