/*
 * Through which proxy a URL is asked for: decided by ourselves, as Python's
 * requests does it, so that libcurl's own reading of the environment (which
 * ignores HTTP_PROXY) never counts.  Pure but for http_proxy_environment().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/http/url.h"

struct err;

/** What the variables say; NULL for those that are unset or empty. */
struct http_proxy_words {
	const char *http; /* for http: URLs */
	const char *https; /* for https: URLs */
	const char *all; /* for those that have none */
	const char *none; /* where to go without: see http_proxy_choose() */
};

/**
 * http_proxy, https_proxy, all_proxy and no_proxy, each also in capitals; what
 * is written small comes first, but for an empty no_proxy also when it is
 * empty.  Borrowed from the environment.
 */
struct http_proxy_words http_proxy_environment(void);

struct http_proxy {
	bool tls; /* the proxy itself is spoken to by TLS */
	uint16_t port;
	char host[URL_HOST_SIZE]; /* lower case; IPv6 without brackets */
	char *user, *password; /* decoded; NULL for none */
};

struct http_proxies {
	struct http_proxy *plain, *tls; /* by the target's scheme, or NULL */
	char *none;
};

/**
 * False, and nothing to finish, for what is no proxy that we can use: only
 * http and https ones, where http:// need not be written.
 */
bool http_proxies_init(struct http_proxies *proxies,
	const struct http_proxy_words *words, struct err *err);

void http_proxies_finish(struct http_proxies *proxies);

/**
 * The proxy for `target`; NULL for none.  `none` is a list with commas: of ends
 * of host names, with or without a port behind (also in the middle of a word:
 * "ple.com" is for example.com), of addresses, of networks such as 10.0.0.0/8,
 * or * for everything.
 */
const struct http_proxy *http_proxy_choose(
	const struct http_proxies *proxies, const struct url_origin *target);
