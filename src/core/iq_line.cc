// SPDX-License-Identifier: Apache-2.0
#include "core/iq_line.h"

#include "xml/builder.h"
#include "xml/document.h"

namespace meerkat {

std::shared_ptr<IqQueue> line_of_requests(const HostType& host, const Namespace& ns, IqTarget target) {
  const xml::Document query{xml::Builder("query", ns).str()};
  const IqTable::Row* const row = host.iqs.find(query.root(), target);
  return row != nullptr ? row->queue : nullptr;
}

}  // namespace meerkat
