#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum {
	REQUEST_MAX = 64 * 1024,
	THREADS_MAX = 2048,
};

struct loopback {
	const struct loopback_page *pages;
	int fd;
	uint16_t port;
	enum loopback_kind kind;
	SSL_CTX *tls;
	char certificate[64];
	pthread_t thread;
	atomic_uint connections, requests, threads;
	atomic_bool stopping;
};

struct visitor {
	struct loopback *server;
	int fd;
	SSL *tls;
	char request[REQUEST_MAX];
	size_t len;
};

static ssize_t
take(struct visitor *visitor, char *bytes, size_t size)
{
	return visitor->tls ? SSL_read(visitor->tls, bytes, (int)size)
			    : recv(visitor->fd, bytes, size, 0);
}

static void
give(struct visitor *visitor, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = visitor->tls
			? SSL_write(visitor->tls, bytes, (int)len)
			: send(visitor->fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static size_t
body_length(const char *head)
{
	const char *at = strstr(head, "Content-Length: ");
	return at ? strtoul(at + 16, NULL, 10) : 0;
}

/* The length of a whole request at the front of what was read, or 0. */
static size_t
whole(struct visitor *visitor)
{
	visitor->request[visitor->len] = '\0';
	const char *end = strstr(visitor->request, "\r\n\r\n");
	if (!end)
		return 0;
	size_t len = (size_t)(end - visitor->request) + 4
		+ body_length(visitor->request);
	return visitor->len >= len ? len : 0;
}

static bool
read_request(struct visitor *visitor)
{
	visitor->len = 0;
	while (whole(visitor) == 0) {
		ssize_t n = take(visitor, visitor->request + visitor->len,
			REQUEST_MAX - 1 - visitor->len);
		if (n <= 0)
			return false;
		visitor->len += (size_t)n;
	}
	atomic_fetch_add(&visitor->server->requests, 1);
	return true;
}

static const struct loopback_page *
page_of(const struct visitor *visitor)
{
	static const struct loopback_page unknown = { "",
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
		LOOPBACK_KEEP };
	const char *path = strchr(visitor->request, ' ');
	const struct loopback_page *page = visitor->server->pages;
	for (; path && page->path; page++) {
		size_t len = strlen(page->path);
		if (strncmp(path + 1, page->path, len) == 0
			&& strchr(" ?", path[1 + len]))
			return page;
	}
	return &unknown;
}

static void
wait_until_gone(struct visitor *visitor)
{
	char bytes[256];
	struct pollfd poll_fd = { .fd = visitor->fd, .events = POLLIN };
	while (!atomic_load(&visitor->server->stopping))
		if (poll(&poll_fd, 1, 20) > 0
			&& recv(visitor->fd, bytes, sizeof(bytes), 0) <= 0)
			return;
}

static void
echo(struct visitor *visitor)
{
	char head[80];
	snprintf(head, sizeof(head),
		"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", visitor->len);
	give(visitor, head, strlen(head));
	give(visitor, visitor->request, visitor->len);
}

static void
serve(struct visitor *visitor)
{
	while (read_request(visitor)) {
		const struct loopback_page *page = page_of(visitor);
		if (page->deed == LOOPBACK_ECHO)
			echo(visitor);
		else
			give(visitor, page->answer, strlen(page->answer));
		if (page->deed == LOOPBACK_STALL)
			wait_until_gone(visitor);
		if (page->deed == LOOPBACK_RESET) {
			struct linger linger = { .l_onoff = 1 };
			setsockopt(visitor->fd, SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger));
		}
		if (page->deed != LOOPBACK_KEEP)
			return;
	}
}

static void *
run_visitor(void *cookie)
{
	struct visitor *visitor = cookie;
	struct loopback *server = visitor->server;
	if (server->tls) {
		visitor->tls = SSL_new(server->tls);
		SSL_set_fd(visitor->tls, visitor->fd);
	}
	if (server->kind == LOOPBACK_TALKS_FIRST) {
		give(visitor, "220 welcome\r\n", 13);
		wait_until_gone(visitor);
	} else if (!visitor->tls || SSL_accept(visitor->tls) == 1) {
		serve(visitor);
	}
	if (visitor->tls)
		SSL_shutdown(visitor->tls);
	SSL_free(visitor->tls);
	close(visitor->fd);
	free(visitor);
	atomic_fetch_sub(&server->threads, 1);
	return NULL;
}

static void *
run_server(void *cookie)
{
	struct loopback *server = cookie;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, (size_t)256 * 1024);
	while (!atomic_load(&server->stopping)) {
		struct pollfd poll_fd = { .fd = server->fd, .events = POLLIN };
		if (poll(&poll_fd, 1, 20) <= 0)
			continue;
		int fd = accept(server->fd, NULL, NULL);
		if (fd < 0)
			continue;
		atomic_fetch_add(&server->connections, 1);
		atomic_fetch_add(&server->threads, 1);
		struct visitor *visitor = calloc(1, sizeof(*visitor));
		visitor->server = server;
		visitor->fd = fd;
		pthread_t thread;
		int failed = pthread_create(
			&thread, &attributes, run_visitor, visitor);
		assert(failed == 0);
		(void)failed;
	}
	pthread_attr_destroy(&attributes);
	return NULL;
}

static void
make_certificate(struct loopback *server)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_set_pubkey(x509, key);
	X509_NAME *name = X509_get_subject_name(x509);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)"curlew unit tests", -1, -1, 0);
	X509_set_issuer_name(x509, name);
	X509_EXTENSION *names = X509V3_EXT_conf_nid(
		NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
	X509_add_ext(x509, names, -1);
	X509_EXTENSION_free(names);
	X509_sign(x509, key, EVP_sha256());

	server->tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(server->tls, x509);
	SSL_CTX_use_PrivateKey(server->tls, key);
	snprintf(server->certificate, sizeof(server->certificate),
		"/tmp/curlew-unit-XXXXXX");
	int fd = mkstemp(server->certificate);
	FILE *file = fdopen(fd, "w");
	PEM_write_X509(file, x509);
	fclose(file);
	X509_free(x509);
	EVP_PKEY_free(key);
}

static struct sockaddr_in
address_of(const char *host, uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		abort();
	return address;
}

static int
listen_on(const char *host, int backlog, uint16_t *port)
{
	struct sockaddr_in address = address_of(host, *port);
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0
		|| getsockname(fd, (struct sockaddr *)&address, &len) != 0
		|| (backlog >= 0 && listen(fd, backlog) != 0))
		abort();
	*port = ntohs(address.sin_port);
	return fd;
}

struct loopback *
loopback_start(const struct loopback_page *pages, enum loopback_kind kind)
{
	struct loopback *server = calloc(1, sizeof(*server));
	server->pages = pages;
	server->kind = kind;
	if (kind == LOOPBACK_TLS)
		make_certificate(server);
	server->fd = listen_on("127.0.0.1", 512, &server->port);
	if (pthread_create(&server->thread, NULL, run_server, server) != 0)
		abort();
	return server;
}

void
loopback_stop(struct loopback *server)
{
	atomic_store(&server->stopping, true);
	pthread_join(server->thread, NULL);
	/* Visitors end when the client is gone, which it is. */
	while (atomic_load(&server->threads) > 0)
		poll(NULL, 0, 1);
	close(server->fd);
	SSL_CTX_free(server->tls);
	if (*server->certificate)
		unlink(server->certificate);
	free(server);
}

uint16_t
loopback_port(const struct loopback *server)
{
	return server->port;
}

unsigned
loopback_connections(struct loopback *server)
{
	return atomic_load(&server->connections);
}

unsigned
loopback_requests(struct loopback *server)
{
	return atomic_load(&server->requests);
}

const char *
loopback_certificate(const struct loopback *server)
{
	return server->certificate;
}

uint16_t
loopback_full(
	const char *host, uint16_t port, int fds[static LOOPBACK_FULL_FDS])
{
	fds[0] = listen_on(host, 0, &port);
	struct sockaddr_in address = address_of(host, port);
	for (int i = 1; i < LOOPBACK_FULL_FDS; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		(void)connect(
			fds[i], (struct sockaddr *)&address, sizeof(address));
	}
	return port;
}

uint16_t
loopback_nobody(void)
{
	uint16_t port = 0;
	close(listen_on("127.0.0.1", -1, &port));
	return port;
}
