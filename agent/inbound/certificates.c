#include "agent/inbound/certificates.h"

#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/client.h"

enum {
	ENTRIES_MAX = 16,
	KEPT_MS = 24 * 60 * 60 * 1000,
	FAILED_MS = 30 * 1000, /* before it is tried again */
	PEM_MAX = 64 * 1024,
};

struct entry {
	char *url; /* NULL: free */
	char *pem; /* NULL: none was had */
	size_t len;
	int64_t at_ms; /* monotonic: when that was known */
	struct http_call *call; /* it is being fetched */
	struct list waiting;
};

struct inbound_certificates {
	struct http_client *http;
	int64_t timeout_ms;
	struct entry entries[ENTRIES_MAX];
};

struct inbound_certificates *
inbound_certificates_new(struct http_client *http, int64_t timeout_ms)
{
	struct inbound_certificates *certificates =
		mem_zalloc(sizeof(*certificates));
	certificates->http = http;
	certificates->timeout_ms = timeout_ms;
	for (size_t i = 0; i < ENTRIES_MAX; i++)
		list_init(&certificates->entries[i].waiting);
	return certificates;
}

static void
forget(struct entry *entry)
{
	http_cancel(entry->call), entry->call = NULL;
	free(entry->url), entry->url = NULL;
	free(entry->pem), entry->pem = NULL;
}

void
inbound_certificates_free(struct inbound_certificates *certificates)
{
	if (!certificates)
		return;
	for (size_t i = 0; i < ENTRIES_MAX; i++)
		forget(&certificates->entries[i]);
	free(certificates);
}

static struct inbound_certificate
shown(const struct entry *entry)
{
	return (struct inbound_certificate){
		.url = entry->url,
		.pem = entry->pem,
		.len = entry->len,
		.why = "it could not be fetched",
	};
}

static void
on_fetched(void *cookie, const struct http_response *response)
{
	struct entry *entry = cookie;
	entry->call = NULL;

	entry->at_ms = clock_now().mono_ms;
	if (response->fail == HTTP_FAIL_NONE && response->status == 200) {
		entry->pem = mem_dup_n(response->body, response->body_len);
		entry->len = response->body_len;
	}
	struct inbound_certificate found = shown(entry);
	while (!list_empty(&entry->waiting)) {
		struct inbound_certificate_wait *wait =
			LIST_ENTRY(entry->waiting.next,
				struct inbound_certificate_wait, link);
		list_remove(&wait->link);
		wait->done(wait->cookie, &found);
	}
}

static void
fetch(struct inbound_certificates *certificates, struct entry *entry)
{
	const struct http_request request = {
		.url = entry->url,
		.connect_ms = certificates->timeout_ms,
		.headers_ms = certificates->timeout_ms,
		.total_ms = certificates->timeout_ms,
		.body_max = PEM_MAX,
	};
	entry->call =
		http_send(certificates->http, &request, on_fetched, entry);
}

static bool
is_stale(const struct entry *entry, int64_t mono_ms)
{
	int64_t kept_ms = entry->pem ? KEPT_MS : FAILED_MS;
	return !entry->call && mono_ms - entry->at_ms >= kept_ms;
}

/* NULL when all are being fetched. */
static struct entry *
find(struct inbound_certificates *certificates, const char *url)
{
	struct entry *oldest = NULL;
	for (size_t i = 0; i < ENTRIES_MAX; i++) {
		struct entry *entry = &certificates->entries[i];
		if (entry->url && str_eq(entry->url, url))
			return entry;
		if (entry->call)
			continue;
		if (!oldest || !entry->url
			|| (oldest->url && entry->at_ms < oldest->at_ms))
			oldest = entry;
	}
	if (oldest)
		forget(oldest);
	return oldest;
}

bool
inbound_certificates_get(struct inbound_certificates *certificates,
	const char *url, int64_t mono_ms, struct inbound_certificate_wait *wait,
	struct inbound_certificate *found)
{
	struct entry *entry = find(certificates, url);
	if (!entry) {
		*found = (struct inbound_certificate){
			.url = url,
			.why = "too many are being fetched",
		};
		return true;
	}
	if (!entry->url || is_stale(entry, mono_ms)) {
		char *kept = mem_dup(url);
		forget(entry);
		entry->url = kept;
		fetch(certificates, entry);
	}
	if (entry->call) {
		list_add(&entry->waiting, &wait->link);
		return false;
	}
	*found = shown(entry);
	return true;
}
