/* Files of certificates, looked at without a client. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "agent/base/err.h"
#include "agent/http/client.h"

bool
http_check_ca_file(const char *path, struct err *err)
{
	if (access(path, R_OK) != 0)
		return err_set(
			err, "%s cannot be read: %s", path, err_system(errno));
	X509_STORE *store = X509_STORE_new();
	if (!store)
		abort(); /* no memory */
	bool good = X509_STORE_load_locations(store, path, NULL) == 1;
	X509_STORE_free(store);
	ERR_clear_error();
	if (good)
		return true;
	return err_set(err,
		"%s is no file of certificates, which begin with "
		"-----BEGIN CERTIFICATE-----",
		path);
}
