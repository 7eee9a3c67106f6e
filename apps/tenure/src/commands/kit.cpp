#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"
#include "environment.hpp"

#include <sys/stat.h>

#include <tenure/app/kits.hpp>
#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

// A new key pair: FILE (private, 0600) and FILE.pub.
Result<Exit> make_key_pair(const Call& call) {
  const std::string path = call.arguments.text("FILE");
  if (file_exists(path)) return fail(Reason::kIo, path + " is there already; a key is never overwritten");
  auto key = emergency::OperatorKey::make(program_environment().entropy);
  std::string pem = key.to_pem();
  const Status written = write_file_atomic(path, pem, 0600);
  emergency::wipe(pem);
  TENURE_CHECK_OK(written);
  TENURE_CHECK_OK(write_file_atomic(path + ".pub", key.recipient().to_pem(), 0644));
  Document document{"breakglass-key/v1", {{"private", path}, {"public", path + ".pub"}}};
  document.text =
      "The private key is in " + path + ": it never leaves its owner. The public half is in " + path + ".pub.";
  document.after =
      "Next, by a second person: tenure breakglass kit make --for PERSON --key " + path + ".pub --out FILE";
  call.output.print(document);
  return Exit::kOk;
}

Exit make_key(const Call& call) {
  return report(call, make_key_pair(call));
}

Result<Exit> make(const Call& call, app::Workspace& workspace) {
  app::MakeKit request;
  request.person = call.arguments.text("for");
  request.targets = call.arguments.texts("target");
  TENURE_TRY(request.public_key, read_file(call.arguments.text("key")));
  TENURE_TRY(request.term, duration_argument(call, "term", Duration()));
  const std::string out = call.arguments.text("out");
  if (file_exists(out)) return fail(Reason::kIo, out + " is there already");
  TENURE_TRY(const auto made, app::make_kit(workspace, request));
  TENURE_CHECK_OK(write_file_atomic(out, made.bytes, 0600));
  const Time now = workspace.clock().now();
  Document document{"breakglass-kit/v1",
                    {{"kit", made.id},
                     {"file", out},
                     {"for", request.person},
                     {"targets", texts(made.targets)},
                     {"expires_at", instant(made.expires_at)}}};
  document.text = "Kit " + made.id + " for " + request.person + " is in " + out + ": revocations on " +
                  join(made.targets, ", ") + " until " + when(made.expires_at, now) + ".";
  document.after = "Keep it where the end of this machine does not reach it; without the key nobody opens it.";
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto kits, app::list_kits(workspace));
  const Time now = workspace.clock().now();
  const bool people = call.output.people();
  Document document{"breakglass-kit-list/v1"};
  document.list = true;
  document.columns = {{"KIT", "kit"},
                      {"FOR", "for"},
                      {"MADE BY", "maker"},
                      {"TARGETS", "targets"},
                      {"EXPIRES", people ? "expires" : "expires_at"},
                      {"LINES MERGED", "merged"}};
  for (const auto& kit : kits)
    document.items.push_back(json::Object{{"kit", kit.id},
                                          {"for", kit.name},
                                          {"maker", kit.maker},
                                          {"targets", texts(kit.targets)},
                                          {"vkey", kit.vkey},
                                          {"made_at", instant(kit.made_at)},
                                          {"expires", when(kit.expires_at, now)},
                                          {"expires_at", instant(kit.expires_at)},
                                          {"merged", kit.merged}});
  if (kits.empty()) document.text = "No kit was ever made.";
  call.output.print(document);
  return Exit::kOk;
}

Result<std::vector<emergency::Order>> orders_of(const Call& call) {
  const Arguments& given = call.arguments;
  emergency::Order order;
  order.target = model::TargetName(given.text("target"));
  order.account = given.text("account");
  order.reason = given.text("reason");
  std::vector<emergency::Order> orders;
  const auto add = [&](emergency::Act act, const std::string& entitlement) {
    order.act = act;
    order.entitlement = model::EntitlementId(entitlement);
    orders.push_back(order);
  };
  if (given.flag("disable")) add(emergency::Act::kDisable, "");
  if (given.flag("end-sessions")) add(emergency::Act::kEndSessions, "");
  for (const auto& entitlement : given.texts("entitlement")) add(emergency::Act::kRevoke, entitlement);
  if (orders.empty()) return fail(Reason::kUsage, "give --disable, --end-sessions or --entitlement");
  return orders;
}

std::string text_of(const app::KitDone& one) {
  const auto& [order, done] = one;
  std::string text = order.target.str() + ": " + std::string(emergency::name_of(order.act)) +
                     (order.entitlement.empty() ? "" : " " + order.entitlement.str()) + " of " + order.account + ": " +
                     std::string(emergency::name_of(done.ending)) +
                     (done.proven ? ", a reading shows it" : ", not shown by a reading") + "\n";
  if (!done.problem.empty()) text += "  ! " + printable(done.problem) + "\n";
  return text;
}

// No state folder, no database, no policy: the kit, the key, a place for the journal.
Result<Exit> revoke_away(const Call& call) {
  TENURE_TRY(auto orders, orders_of(call));
  const std::string kit = call.arguments.text("kit"), key = call.arguments.text("key");
  struct stat mode{};
  if (::stat(key.c_str(), &mode) == 0 && (mode.st_mode & 077U) != 0)
    return fail(Reason::kKitInvalid, "others can read the key " + key + ": chmod 600 it");
  app::KitUse use;
  TENURE_TRY(use.kit, read_file(kit));
  TENURE_TRY(use.private_key, read_file(key));
  use.journal = call.arguments.text("journal", kit + ".journal");
  use.orders = std::move(orders);
  auto done = app::revoke_with_kit(program_environment(), use);
  emergency::wipe(use.private_key);
  TENURE_CHECK_OK(done);
  Document document{"breakglass-revoke/v1", {{"journal", use.journal}}};
  document.list = true;
  std::size_t proven = 0;
  for (const auto& one : *done) {
    proven += one.done.proven ? 1 : 0;
    document.text += text_of(one);
    document.items.push_back(json::Object{{"line", one.done.intent},
                                          {"target", one.order.target.str()},
                                          {"account", one.order.account},
                                          {"act", emergency::name_of(one.order.act)},
                                          {"entitlement", one.order.entitlement.str()},
                                          {"ending", emergency::name_of(one.done.ending)},
                                          {"proven", one.done.proven},
                                          {"problem", one.done.problem}});
  }
  const Exit exit = proven == done->size() ? Exit::kOk : proven > 0 ? Exit::kPartly : Exit::kFailed;
  document.after =
      "Recorded in " + use.journal + ". When Tenure is back: tenure breakglass merge --journal " + use.journal;
  call.output.print(document, exit);
  return exit;
}

Exit revoke(const Call& call) {
  return report(call, revoke_away(call));
}

Result<Exit> merge(const Call& call, app::Workspace& workspace) {
  const std::string path = call.arguments.text("journal");
  TENURE_TRY(const std::string journal, read_file(path));
  const auto head = read_file(emergency::head_path(path));
  TENURE_TRY(const auto merged, app::merge_journal(workspace, journal, head ? *head : std::string()));
  Document document{"breakglass-merge/v1",
                    {{"kit", merged.kit},
                     {"breakglass", merged.glass},
                     {"lines", merged.lines},
                     {"acts", merged.acts},
                     {"obligations", merged.obligations},
                     {"loose", texts(merged.loose)},
                     {"read", texts(merged.read)}}};
  document.text = merged.acts == 0
                      ? "Nothing of the journal is new: it was merged before.\n"
                      : "Merged " + count_of(merged.acts, "act") + " of kit " + merged.kit + " as " + merged.glass +
                            ": " + count_of(merged.obligations, "obligation") + " opened.\n";
  for (const auto& one : merged.loose) document.text += "  ? nobody knows this account here: " + printable(one) + "\n";
  for (const auto& one : merged.read) document.text += "  read back: " + printable(one) + "\n";
  if (merged.acts > 0)
    document.after = "Next: tenure obligation list; by a reviewer: tenure breakglass review " + merged.glass;
  const Exit exit = merged.loose.empty() ? Exit::kOk : Exit::kPartly;
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> kit_commands() {
  const OptionSpec reason{"reason", "TEXT", "why; it is recorded", Arity::kOne, true};
  return {
      {"breakglass key make", "a key pair for sealed kits: FILE and FILE.pub", {{"FILE", "where to"}}, {}, make_key},
      {"breakglass kit make",
       "seal what one person needs to revoke while Tenure is away",
       {},
       {{"for", "PERSON", "whose kit it is", Arity::kOne, true},
        {"key", "FILE", "their public key (PEM)", Arity::kOne, true},
        {"out", "FILE", "where the kit goes", Arity::kOne, true},
        {"target", "TARGET", "only these (may be repeated); none: all that can be written", Arity::kMany},
        {"term", "DURATION", "until when it can be used (the longest that the policy allows)"}},
       with_workspace<make>},
      {"breakglass kit list",
       "kits that were made, and how far their journals are merged",
       {},
       {},
       with_workspace<list>},
      {"breakglass revoke",
       "take access away with a sealed kit: needs neither state folder nor database nor server",
       {},
       {{"kit", "FILE", "the kit", Arity::kOne, true},
        {"key", "FILE", "your private key (PEM, 0600)", Arity::kOne, true},
        {"target", "TARGET", "where", Arity::kOne, true},
        {"account", "ACCOUNT", "login, or the target's own id", Arity::kOne, true},
        reason,
        {"disable", "", "no new login", Arity::kFlag},
        {"end-sessions", "", "end what is logged in", Arity::kFlag},
        {"entitlement", "ENTITLEMENT", "take this right away (may be repeated)", Arity::kMany},
        {"journal", "FILE", "where it is recorded (KIT.journal)"}},
       revoke},
      {"breakglass merge",
       "verify a journal and take it into the evidence; a second time changes nothing",
       {},
       {{"journal", "FILE", "the journal; its head lies beside it", Arity::kOne, true}},
       with_workspace<merge>}};
}

}  // namespace tenure::cli
