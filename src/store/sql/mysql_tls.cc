// SPDX-License-Identifier: Apache-2.0
// MariaDB's library shows the TLS session only to those who know how it keeps it.
#define HAVE_TLS
using uchar = unsigned char;
#include <mysql.h>

#include <ma_pvio.h>

#include "store/sql/mysql_session.h"

namespace meerkat::sql {

ssl_st* mysql_tls_session(st_mysql* handle) {
  const MARIADB_TLS* const session = handle->net.pvio->ctls;
  return session == nullptr ? nullptr : static_cast<ssl_st*>(session->ssl);
}

}  // namespace meerkat::sql
