#include "demo/nordhaven.hpp"

#include <tenure/base/file.hpp>

namespace tenure::demo {

Result<std::unique_ptr<Nordhaven>> Nordhaven::start(const NordhavenOptions& options) {
  std::unique_ptr<Nordhaven> nordhaven(new Nordhaven);
  nordhaven->folder_ = options.folder;
  TENURE_TRY(nordhaven->company_, lab::make_company({options.seed, options.today, options.people}));
  TENURE_CHECK_OK(make_folders(nordhaven->state_folder()));
  TENURE_CHECK_OK(lab::write_company(nordhaven->company_, nordhaven->state_folder()));
  TENURE_CHECK_OK(nordhaven->start_servers());
  TENURE_CHECK_OK(nordhaven->write_deployment());
  return nordhaven;
}

Status Nordhaven::start_servers() {
  lab::SlapdOptions directory;
  directory.folder = folder_ + "/slapd";
  directory.seed_ldif = company_.directory_ldif;
  TENURE_TRY(auto slapd, lab::Slapd::start(directory));
  directory_.emplace(std::move(slapd));
  lab::PostgresOptions ledger;
  ledger.folder = folder_ + "/postgres";
  ledger.seed_sql = company_.ledger_sql;
  TENURE_TRY(auto postgres, lab::Postgres::start(ledger));
  ledger_.emplace(std::move(postgres));
  lab::ScimAppOptions crm;
  crm.folder = folder_ + "/scim";
  crm.seed_json = company_.crm_json;
  TENURE_TRY(auto scim, lab::ScimApp::start(crm));
  crm_.emplace(std::move(scim));
  return {};
}

Status Nordhaven::write_deployment() const {
  const std::string values =
      "NORDHAVEN_DIRECTORY_URI=" + directory_->url() + "\nNORDHAVEN_DIRECTORY_BIND_DN=" + directory_->connector().dn +
      "\nNORDHAVEN_LEDGER_HOST=127.0.0.1\nNORDHAVEN_LEDGER_PORT=" + std::to_string(ledger_->port()) +
      "\nNORDHAVEN_LEDGER_USER=" + ledger_->connector_role() + "\nNORDHAVEN_CRM_URL=" + crm_->base_url() + "\n";
  TENURE_CHECK_OK(write_file_atomic(state_folder() + "/environment", values));
  TENURE_CHECK_OK(make_folders(state_folder() + "/secrets"));
  const auto secret = [&](const char* name, const std::string& value) {
    return lab::write_secret_file(state_folder() + "/secrets/" + name, value);
  };
  TENURE_CHECK_OK(secret("NORDHAVEN_DIRECTORY_PASSWORD", directory_->connector().password));
  TENURE_CHECK_OK(secret("NORDHAVEN_LEDGER_PASSWORD", ledger_->connector_password()));
  return secret("NORDHAVEN_CRM_TOKEN", crm_->token());
}

}  // namespace tenure::demo
