#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/client_internal.h"

/* Our own deadlines come first, always. */
static const long NEVER_MS = 24L * 60 * 60 * 1000;

enum {
	RECEIVE_BUFFER = 8 * 1024,
};

void
http_easy_refused(const char *option)
{
	fprintf(stderr, "libcurl refuses %s\n", option);
	abort();
}

static size_t
on_header(char *line, size_t size, size_t count, void *cookie)
{
	struct http_call *call = cookie;
	size_t len = size * count, text = len;

	if (call->headers_done)
		return len; /* a trailer, behind the body */
	while (text > 0 && (line[text - 1] == '\r' || line[text - 1] == '\n'))
		text--;
	if (text >= 5 && memcmp(line, "HTTP/", 5) == 0)
		buf_clear(&call->headers); /* what was before was a 1xx */
	if (text > 0) {
		if (buf_add(&call->headers, line, text)
			&& buf_add_text(&call->headers, "\r\n"))
			return len;
		call->stopped = HTTP_FAIL_PROTOCOL;
		return 0;
	}
	long status = 0;
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status / 100 == 1 && status != 101)
		return len;
	call->response.status = (int)status;
	call->headers_done = true;
	call->headers_us = call->body_us = clock_mono_us();
	http_call_watch(call);
	return len;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *cookie)
{
	struct http_call *call = cookie;
	size_t len = size * count;
	call->body_us = clock_mono_us();
	if (buf_add(&call->body, bytes, len))
		return len;
	call->body_cut = true;
	if (call->cut_body)
		return len;
	call->stopped = HTTP_FAIL_TOO_LARGE;
	return 0;
}

/* libcurl does not keep the errno of its own socket(). */
static curl_socket_t
on_open_socket(
	void *cookie, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_call *call = cookie;
	(void)purpose;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
		address->protocol);
	if (fd < 0) {
		call->socket_error = errno;
		return CURL_SOCKET_BAD;
	}
	call->opened = true;
	return fd;
}

/* libcurl tells when TCP was there only once the handshake is done as well. */
static CURLcode
on_tls_begins(CURL *easy, void *context, void *cookie)
{
	struct http_call *call = cookie;
	(void)easy;
	bool is_of_proxy =
		call->proxy && call->proxy->tls && call->n_handshakes == 0;
	call->n_handshakes++;
	if (is_of_proxy)
		return CURLE_OK;
	call->secures_us = clock_mono_us();
	http_certificate_watch(&call->certificate, context);
	return CURLE_OK;
}

/* NOLINTBEGIN(readability-non-const-parameter): it is libcurl's type */
static int
on_connected(void *cookie, char *to, char *from, int to_port, int from_port)
{
	struct http_call *call = cookie;
	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	call->ready = true;
	return CURL_PREREQFUNC_OK;
}
/* NOLINTEND(readability-non-const-parameter) */

CURL *
http_easy_new(struct http_call *call)
{
	CURL *easy = curl_easy_init();
	if (!easy)
		http_easy_refused("another handle");
	HTTP_EASY_SET(easy, CURLOPT_PRIVATE, call);
	HTTP_EASY_SET(easy, CURLOPT_ERRORBUFFER, call->error);
	HTTP_EASY_SET(easy, CURLOPT_HEADERFUNCTION, on_header);
	HTTP_EASY_SET(easy, CURLOPT_HEADERDATA, call);
	HTTP_EASY_SET(easy, CURLOPT_WRITEFUNCTION, on_body);
	HTTP_EASY_SET(easy, CURLOPT_WRITEDATA, call);
	HTTP_EASY_SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	HTTP_EASY_SET(easy, CURLOPT_OPENSOCKETDATA, call);
	HTTP_EASY_SET(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_begins);
	HTTP_EASY_SET(easy, CURLOPT_SSL_CTX_DATA, call);
	HTTP_EASY_SET(easy, CURLOPT_PREREQFUNCTION, on_connected);
	HTTP_EASY_SET(easy, CURLOPT_PREREQDATA, call);

	HTTP_EASY_SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	HTTP_EASY_SET(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	HTTP_EASY_SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	HTTP_EASY_SET(easy, CURLOPT_USERAGENT, "curlew/" CURLEW_VERSION);
	/* Not those of the environment: see proxy.h. */
	HTTP_EASY_SET(easy, CURLOPT_PROXY, "");
	HTTP_EASY_SET(easy, CURLOPT_NOPROXY, "");
	HTTP_EASY_SET(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	HTTP_EASY_SET(easy, CURLOPT_NOSIGNAL, 1L);
	HTTP_EASY_SET(easy, CURLOPT_CONNECTTIMEOUT_MS, NEVER_MS);
	HTTP_EASY_SET(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
	/* Even a numeric address is an entry, and all entries are walked. */
	HTTP_EASY_SET(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	/* A resumed session would hide what a real handshake costs, and that
	 * the certificate is another one now. */
	HTTP_EASY_SET(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	http_easy_trust_usual(easy);
	return easy;
}

static bool
check_header(const struct http_header *header, struct err *err)
{
	if (!http_is_token(header->name))
		return err_set(err, "a header's name is a word such as Accept");
	if (header->value && strpbrk(header->value, "\r\n"))
		return err_set(err, "the header %.40s has a line break in it",
			header->name);
	return true;
}

static bool
has_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (str_ieq(request->headers[i].name, name))
			return true;
	return false;
}

/* One block: the links, then the texts that they point at. */
struct block {
	struct curl_slist *links;
	size_t n, n_max;
	char *text;
};

static void
add_line(struct block *block, const char *name, const char *value)
{
	/* In libcurl's words "A:" means without A, and "A;" an empty A. */
	const char *between = !value ? ":" : *value == '\0' ? ";" : ": ";
	size_t lengths[] = { strlen(name), strlen(between),
		value ? strlen(value) : 0 };
	const char *parts[] = { name, between, value };

	assert(block->n < block->n_max);
	struct curl_slist *link = &block->links[block->n];
	link->data = block->text;
	link->next = NULL;
	if (block->n > 0)
		link[-1].next = link;
	block->n++;
	for (int i = 0; i < 3; i++) {
		if (lengths[i] > 0)
			memcpy(block->text, parts[i], lengths[i]);
		block->text += lengths[i];
	}
	*block->text++ = '\0';
}

static struct curl_slist *
make_headers(const struct http_request *request, bool posts)
{
	static const char *const unwanted[] = { "Expect", "Content-Type" };
	size_t n_unwanted = posts ? 2 : 0;
	size_t n = request->n_headers + n_unwanted;
	if (n == 0)
		return NULL;

	size_t size = 0;
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *header = &request->headers[i];
		size += strlen(header->name) + 3;
		size += header->value ? strlen(header->value) : 0;
	}
	for (size_t i = 0; i < n_unwanted; i++)
		size += strlen(unwanted[i]) + 3;

	size_t links = n * sizeof(struct curl_slist);
	void *memory = mem_alloc(links + size);
	struct block block = {
		.links = memory,
		.n_max = n,
		.text = (char *)memory + links,
	};
	for (size_t i = 0; i < request->n_headers; i++)
		add_line(&block, request->headers[i].name,
			request->headers[i].value);
	for (size_t i = 0; i < n_unwanted; i++)
		if (!has_header(request, unwanted[i]))
			add_line(&block, unwanted[i], NULL);
	return memory;
}

/* The order matters: each of these options undoes what the one before said of
 * the method. */
static void
set_method(CURL *easy, const struct http_request *request, const char *method,
	bool posts)
{
	bool head = str_eq(method, "HEAD");
	size_t len = posts && request->body ? request->body_len : 0;

	HTTP_EASY_SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	if (len > 0)
		HTTP_EASY_SET(easy, CURLOPT_COPYPOSTFIELDS, request->body);
	else
		HTTP_EASY_SET(easy, CURLOPT_POSTFIELDS, posts ? "" : NULL);
	HTTP_EASY_SET(easy, CURLOPT_HTTPGET, 1L);
	if (head)
		HTTP_EASY_SET(easy, CURLOPT_NOBODY, 1L);
	if (posts)
		HTTP_EASY_SET(easy, CURLOPT_POST, 1L);
	const char *unasked = head ? "HEAD" : posts ? "POST" : "GET";
	HTTP_EASY_SET(easy, CURLOPT_CUSTOMREQUEST,
		str_eq(method, unasked) ? NULL : method);
}

/* All but two have a body, if only an empty one, as with Python's requests. */
static bool
has_body(const struct http_request *request, const char *method)
{
	return !str_eq(method, "HEAD")
		&& (request->body || !str_eq(method, "GET"));
}

/* On a connection that was kept, libcurl sends the request again if that turns
 * out to be closed; what must not be done twice goes out on a new one. */
static bool
may_be_repeated(const char *method)
{
	static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE",
		"OPTIONS", "TRACE" };
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_eq(method, methods[i]))
			return true;
	return false;
}

bool
http_easy_prepare(struct http_call *call, const struct http_request *request,
	struct err *err)
{
	const char *method = request->method ? request->method : "GET";
	if (!url_origin(request->url, &call->origin, err))
		return err_prefix(err, "the URL");
	if (!http_is_token(method))
		return err_set(err, "the method is no word such as GET");
	for (size_t i = 0; i < request->n_headers; i++)
		if (!check_header(&request->headers[i], err))
			return false;

	CURL *easy = call->easy;
	HTTP_EASY_SET(easy, CURLOPT_URL, request->url);
	bool posts = has_body(request, method);
	set_method(easy, request, method, posts);
	call->has_body = posts;
	call->header_list = make_headers(request, posts);
	HTTP_EASY_SET(easy, CURLOPT_HTTPHEADER, call->header_list);
	http_easy_choose_way(call, request);
	http_easy_trust(call, request->ca_file);

	bool new_connection = request->fresh || !may_be_repeated(method);
	HTTP_EASY_SET(easy, CURLOPT_FRESH_CONNECT, new_connection ? 1L : 0L);
	HTTP_EASY_SET(easy, CURLOPT_FORBID_REUSE, request->fresh ? 1L : 0L);
	HTTP_EASY_SET(
		easy, CURLOPT_SSL_VERIFYPEER, request->insecure ? 0L : 1L);
	HTTP_EASY_SET(
		easy, CURLOPT_SSL_VERIFYHOST, request->insecure ? 0L : 2L);
	return true;
}

void
http_easy_clean(struct http_call *call)
{
	if (call->has_body)
		HTTP_EASY_SET(call->easy, CURLOPT_POSTFIELDS, NULL);
	call->has_body = false;
	http_certificate_forget(&call->certificate);
	http_easy_forget_way(call);
	http_easy_trust(call, NULL);
	if (call->header_list) {
		HTTP_EASY_SET(call->easy, CURLOPT_HTTPHEADER, NULL);
		free(call->header_list);
		call->header_list = NULL;
	}
}

static int64_t
time_of(const struct http_call *call, CURLINFO what)
{
	curl_off_t us = 0;
	curl_easy_getinfo(call->easy, what, &us);
	return us;
}

bool
http_easy_is_connected(const struct http_call *call)
{
	return call->ready || call->secures_us != 0;
}

static int64_t
between(int64_t from, int64_t to)
{
	return from > 0 && to > from ? to - from : 0;
}

void
http_easy_measure(struct http_call *call)
{
	struct http_timing *timing = &call->response.timing;
	if (!http_easy_is_connected(call))
		return; /* libcurl may still have the times of another call */

	int64_t named = time_of(call, CURLINFO_NAMELOOKUP_TIME_T);
	int64_t connected = time_of(call, CURLINFO_CONNECT_TIME_T);
	int64_t secured = time_of(call, CURLINFO_APPCONNECT_TIME_T);
	int64_t ready = time_of(call, CURLINFO_PRETRANSFER_TIME_T);
	int64_t first = time_of(call, CURLINFO_STARTTRANSFER_TIME_T);

	if (call->opened) {
		timing->connect_us = connected > 0
			? between(named, connected)
			: between(call->attempt_us, call->secures_us);
		/* Earlier addresses count: they were waited for. */
		if (call->n_tried > 1)
			timing->connect_us +=
				between(call->looked_up_us, call->attempt_us);
		timing->tls_us = between(connected, secured);
	}
	timing->wait_us = between(ready, first);
	timing->headers_us = between(call->start_us, call->headers_us);
}
