#include "environment.hpp"

#include <cstdlib>
#include <cstring>

#include <tenure/connector_csv/csv.hpp>
#include <tenure/connector_exchange/exchange.hpp>
#include <tenure/connector_jsonl/jsonl.hpp>
#include <tenure/connector_ldap/ldap.hpp>
#include <tenure/connector_postgresql/postgresql_connector.hpp>
#include <tenure/connector_scim/scim_connector.hpp>
#include <tenure/store_sqlite/sqlite_store.hpp>

namespace tenure::cli {
namespace {

std::uint64_t seed(Entropy& entropy) {
  const auto bytes = entropy.bytes32();
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets one
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

struct Program {
  std::unique_ptr<Clock> clock = make_system_clock();
  std::unique_ptr<Entropy> entropy = make_system_entropy();
  Random random{seed(*entropy)};
  Random record_random{seed(*entropy)};  // the store's own: it composes records on another thread than the engine's
  std::unique_ptr<connector::Connector> exchange = connector_exchange::make_exchange_connector(*clock);
  std::unique_ptr<connector::Connector> ldap = connector_ldap::make_ldap_connector();
  std::unique_ptr<connector::Connector> postgresql = connector_postgresql::make_connector();
  std::unique_ptr<connector::Connector> scim = connector_scim::make_connector();
};

}  // namespace

app::Environment program_environment() {
  static Program program;
  return {*program.clock,
          program.random,
          *program.entropy,
          {{"csv", &connector_csv::csv_connector()},
           {"exchange", program.exchange.get()},
           {"jsonl", &connector_jsonl::jsonl_connector()},
           {"ldap", program.ldap.get()},
           {"postgresql", program.postgresql.get()},
           {"scim", program.scim.get()}},
          [](const std::string& folder, bool create) {
            return store_sqlite::open({folder, create}, program.record_random, *program.entropy);
          },
          process_variable,
          [](const std::string& folder) { return store_sqlite::open_reading(folder); }};
}

}  // namespace tenure::cli
