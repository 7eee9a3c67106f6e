#include "break_glass_rows.hpp"
#include "connections.hpp"
#include "kit_rows.hpp"
#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>
#include <filesystem>

#include <stdlib.h>

#include <tenure/app/kits.hpp>
#include <tenure/base/file.hpp>
#include <tenure/connector/host.hpp>
#include <tenure/connector/settings.hpp>

namespace tenure::app {
namespace {

using emergency::Kit;
using emergency::KitTarget;
using store::Table;

constexpr std::string_view kAuthorities = "ca_file";  // the only path in a connection that has to travel along

Status add_secrets(connector::SecretSource& source, const json::Value& value, KitTarget& target) {
  if (value.is_string() && connector::is_secret_reference(value.as_string())) {
    TENURE_TRY(target.secrets[value.as_string()], source.secret(value.as_string()));
  } else if (value.is_array()) {
    for (const auto& one : value.as_array()) TENURE_CHECK_OK(add_secrets(source, one, target));
  } else if (value.is_object()) {
    for (const auto& [key, one] : value.as_object()) TENURE_CHECK_OK(add_secrets(source, one, target));
  }
  return {};
}

Status add_authorities(const Workspace& workspace, KitTarget& target) {
  json::Value& config = target.settings.config;
  const std::string path = config.string_or(kAuthorities, "");
  if (path.empty()) return {};
  TENURE_TRY(std::string content, read_file(workspace.resolve(path)));
  const std::string name = target.settings.target.str() + ".pem";
  config.as_object().insert_or_assign(std::string(kAuthorities), name);
  target.files.emplace(name, std::move(content));
  return {};
}

Result<KitTarget> packed(Workspace& workspace, const policy::TargetDoc& doc) {
  KitTarget target;
  target.connector = doc.connector;
  TENURE_TRY(target.settings, settings_of(workspace, doc));
  target.settings.base_folder.clear();
  TENURE_CHECK_OK(add_authorities(workspace, target));
  TENURE_CHECK_OK(add_secrets(workspace.secrets(), target.settings.config, target));
  for (const auto& declared : target.settings.classes)
    TENURE_CHECK_OK(add_secrets(workspace.secrets(), declared.config, target));
  return target;
}

bool writable(const Workspace& workspace, const policy::TargetDoc& doc) {
  const auto connector = connector_of(workspace, doc.connector);
  return connector && !doc.manual && !(*connector)->manifest().manual && (*connector)->manifest().writes_accounts;
}

bool among(const std::vector<std::string>& group, const std::vector<std::string>& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::find(group.begin(), group.end(), role) != group.end();
  });
}

// The rule under which somebody is handed a kit.
Result<const policy::BreakGlassRule*> kit_rule(const Workspace& workspace, const plan::World& world,
                                               const std::string& person) {
  const policy::PolicySet& policy = workspace.policy();
  for (const auto& rule : policy.break_glass)
    if (among(rule.who, roles_of(policy, world, person)) &&
        among(rule.confirm, roles_of(policy, world, workspace.actor().name)))
      return &rule;
  return fail(Reason::kBreakGlassRefused,
              "no BreakGlass document lets " + workspace.actor().name + " hand a kit to " + person);
}

Result<std::vector<const policy::TargetDoc*>> covered(const Workspace& workspace, const policy::BreakGlassRule& rule,
                                                      const std::vector<std::string>& names) {
  TENURE_TRY(const auto wanted, targets_named(workspace, names));
  std::vector<const policy::TargetDoc*> targets;
  for (const auto& [name, doc] : workspace.policy().targets) {
    const bool in_rule =
        rule.targets.empty() || std::any_of(rule.targets.begin(), rule.targets.end(),
                                            [&](const auto& glob) { return policy::matches_glob(glob, name.str()); });
    const bool good = in_rule && writable(workspace, doc);
    if (wanted.contains(name) && !good)
      return fail(Reason::kBreakGlassRefused, "a kit of \"" + rule.name + "\" cannot be for " + name.str());
    if (good && (wanted.empty() || wanted.contains(name))) targets.push_back(&doc);
  }
  if (targets.empty()) return fail(Reason::kBreakGlassRefused, "there is no target that a kit could write to");
  return targets;
}

evidence::Draft made_record(Workspace& workspace, const KnownKit& known, const evidence::Actor& maker) {
  evidence::Draft made;
  made.type = evidence::event::kBreakglassKitMade;
  made.time = known.made_at;
  made.case_id = workspace.environment().random.uuid();
  made.actor = maker;
  made.mode = evidence::Mode::kBreakGlass;
  made.policy = workspace.policy().digest;
  made.refs = {known.id};
  json::Array targets;
  for (const auto& target : known.targets) targets.emplace_back(target);
  made.fields = {{"person", known.person}, {"maker", known.maker}, {"targets", std::move(targets)}};
  made.facts = {{"expires_at", known.expires_at.to_rfc3339()}};
  return made;
}

// Certificates of authorities, in a folder of their own for as long as the use lasts.
class UnpackedFiles {
 public:
  static Result<UnpackedFiles> make(const Kit& kit) {
    std::string name = (std::filesystem::temp_directory_path() / "tenure-kit-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return fail(Reason::kIo, "no temporary folder can be made");
    UnpackedFiles files(name);
    for (const KitTarget& target : kit.targets)
      for (const auto& [file, content] : target.files)
        TENURE_CHECK_OK(write_file_atomic(name + "/" + std::filesystem::path(file).filename().string(), content, 0600));
    return files;
  }
  UnpackedFiles(UnpackedFiles&& other) noexcept : folder_(std::exchange(other.folder_, "")) {}
  UnpackedFiles& operator=(UnpackedFiles&&) = delete;
  ~UnpackedFiles() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  const std::string& folder() const { return folder_; }

 private:
  explicit UnpackedFiles(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

class KitSecrets final : public connector::SecretSource {
 public:
  explicit KitSecrets(const KitTarget& target) : target_(target) {}
  Result<std::string> secret(const std::string& reference) override {
    const auto it = target_.secrets.find(reference);
    if (it == target_.secrets.end()) return fail(Reason::kSecretMissing, "the kit has no secret " + reference);
    return it->second;
  }

 private:
  const KitTarget& target_;
};

}  // namespace

Result<MadeKit> make_kit(Workspace& workspace, const MakeKit& request) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  const auto person = person_of(world, request.person);
  const auto maker = person_of(world, workspace.actor().name);
  if (person.id == maker.id) return fail(Reason::kSelfApproval, "nobody makes a kit for themselves");
  TENURE_TRY(const auto* rule, kit_rule(workspace, world, request.person));
  const Duration term = request.term == Duration() ? rule->kit_term_max : request.term;
  if (term <= Duration() || term > rule->kit_term_max)
    return fail(Reason::kBreakGlassRefused,
                "\"" + rule->name + "\" allows kits for at most " + rule->kit_term_max.to_string());
  TENURE_TRY(const auto docs, covered(workspace, *rule, request.targets));
  TENURE_TRY(const auto recipient, emergency::Recipient::from_pem(request.public_key));
  Kit kit;
  kit.id = short_id(workspace, "K-");
  kit.person = person.id;
  kit.name = request.person;
  kit.origin = workspace.origin();
  kit.made_at = world.now;
  kit.expires_at = world.now + term;
  kit.signing_seed = workspace.environment().entropy.bytes32();
  MadeKit made{kit.id, "", {}, kit.expires_at};
  for (const auto* doc : docs) {
    TENURE_TRY(auto target, packed(workspace, *doc));
    kit.targets.push_back(std::move(target));
    made.targets.push_back(doc->name.str());
  }
  TENURE_TRY(made.bytes, emergency::write_kit(kit, recipient, workspace.environment().entropy));
  TENURE_TRY(const auto key, kit.signing_key());
  const KnownKit known{kit.id,       kit.person,  kit.name,       maker.id, key.verifier().to_string(),
                       made.targets, kit.made_at, kit.expires_at, 0,        ""};
  evidence::Draft record = made_record(workspace, known, maker.actor);
  evidence::Draft closed = record;
  closed.type = evidence::event::kCaseClosed;
  closed.fields = {};
  closed.facts = {};
  TENURE_CHECK_OK(workspace.store().commit({{write_of(known)}, {std::move(record), std::move(closed)}}));
  return made;
}

Result<std::vector<KnownKit>> list_kits(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  return load_documents<KnownKit>(*snapshot, {Table::kKit}, known_kit_from_json);
}

Result<std::vector<KitDone>> revoke_with_kit(const Environment& environment, const KitUse& use) {
  TENURE_TRY(const auto key, emergency::OperatorKey::from_pem(use.private_key));
  TENURE_TRY(Kit kit, emergency::read_kit(use.kit, key));
  for (const auto& order : use.orders) TENURE_CHECK_OK(emergency::check_order(kit, order, environment.clock.now()));
  TENURE_TRY(const auto files, UnpackedFiles::make(kit));
  for (KitTarget& target : kit.targets) target.settings.base_folder = files.folder();
  TENURE_TRY(auto signing, kit.signing_key());
  TENURE_TRY(auto journal, emergency::Journal::open(use.journal, kit.id, std::move(signing), environment.clock.now()));
  std::vector<KitDone> all;
  for (const auto& order : use.orders) {
    const KitTarget& target = *kit.find(order.target);
    KitSecrets secrets(target);
    const auto open = [&]() -> Result<std::unique_ptr<connector::Connection>> {
      const auto connector = environment.connectors.find(target.connector);
      if (connector == environment.connectors.end())
        return fail(Reason::kConnectorUnsupported, "this program has no connector \"" + target.connector + "\"");
      return connector::open_checked(*connector->second, target.settings, secrets, environment.clock);
    };
    TENURE_TRY(auto done, emergency::carry_out(kit, order, journal, open, environment.clock));
    all.push_back({order, std::move(done)});
  }
  return all;
}

}  // namespace tenure::app
