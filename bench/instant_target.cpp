#include "instant_target.hpp"

namespace tenure::bench {
namespace {

const connector::Manifest& instant_manifest() {
  static const connector::Manifest manifest = [] {
    connector::Manifest one;
    one.connector = "instant";
    one.reads_accounts = true;
    one.writes_grants = true;
    return one;
  }();
  return manifest;
}

class InstantConnection final : public connector::Connection,
                                public connector::AccountReader,
                                public connector::GrantWriter {
 public:
  explicit InstantConnection(InstantTarget& target) : target_(target) {}

  const connector::Manifest& manifest() const override { return instant_manifest(); }
  Result<std::vector<connector::PreflightFault>> preflight(const connector::Call&) override {
    return std::vector<connector::PreflightFault>();
  }
  connector::AccountReader* account_reader() override { return this; }
  connector::GrantWriter* grant_writer() override { return this; }

  Result<model::Observation> read_all(const connector::Call&) override {
    return fail(Reason::kConnectorUnsupported, "nobody reads all of it");
  }
  Result<std::optional<model::AccountImage>> read_account(const connector::Call&, const model::NativeId& id) override {
    if (target_.dead.load()) return dead();
    return std::optional(target_.image(id));
  }
  Result<std::optional<model::AccountImage>> find_account(const connector::Call&, const std::string&,
                                                          const std::string&) override {
    return fail(Reason::kConnectorUnsupported, "accounts have no names here");
  }
  Result<model::AccountImage> grant(const connector::Call&, const model::NativeId& id,
                                    const model::EntitlementId& entitlement, const model::Parameters&) override {
    return write(id, entitlement, true);
  }
  Result<model::AccountImage> revoke(const connector::Call&, const model::NativeId& id,
                                     const model::EntitlementId& entitlement, const model::Parameters&) override {
    return write(id, entitlement, false);
  }

 private:
  static std::unexpected<Error> dead() {
    return fail(Reason::kTargetUnreachable, "nobody answers", Effect::kNone, Retry::kLater);
  }
  Result<model::AccountImage> write(const model::NativeId& id, const model::EntitlementId& entitlement, bool held) {
    if (target_.dead.load()) return dead();
    if (target_.on_write) target_.on_write(id);
    target_.set(id, entitlement, held);
    return target_.image(id);
  }

  InstantTarget& target_;
};

}  // namespace

Result<std::unique_ptr<connector::Connection>> InstantTarget::connect() {
  return std::make_unique<InstantConnection>(*this);
}

model::AccountImage InstantTarget::image(const model::NativeId& id) const {
  model::AccountImage image;
  image.account.id = id;
  image.account.name = id.str();
  image.account.account_class = "people";
  const Part& home = part(id.str());
  const std::lock_guard lock(home.mutex);
  if (const auto it = home.rights.find(id.str()); it != home.rights.end())
    for (const auto& right : it->second)
      image.grants.push_back(
          {.holder = {.account = id, .entitlement = {}}, .entitlement = model::EntitlementId(right)});
  return image;
}

void InstantTarget::set(const model::NativeId& id, const model::EntitlementId& entitlement, bool held) {
  ++writes_;
  Part& home = part(id.str());
  const std::lock_guard lock(home.mutex);
  std::set<std::string>& rights = home.rights[id.str()];
  const bool changed = held ? rights.insert(entitlement.str()).second : rights.erase(entitlement.str()) != 0;
  if (!changed) ++repeated_;
}

bool InstantTarget::holds(const model::NativeId& id, const model::EntitlementId& entitlement) const {
  const Part& home = part(id.str());
  const std::lock_guard lock(home.mutex);
  const auto it = home.rights.find(id.str());
  return it != home.rights.end() && it->second.contains(entitlement.str());
}

}  // namespace tenure::bench
