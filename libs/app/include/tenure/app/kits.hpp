// Sealed kits: made while all is well, used while Tenure is away, merged when it is back.
//
// Only make_kit() and merge_journal() need a state folder. revoke_with_kit() needs the kit, the key of its person and a
// place for its journal, and nothing else: neither database nor policy nor server.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/emergency/revoke.hpp>

namespace tenure::app {

struct MakeKit {
  std::string person;                // for whom; one whom the policy lets open a break-glass
  std::string public_key;            // PEM, X25519
  std::vector<std::string> targets;  // none: all that its rule covers and that can be written
  Duration term;                     // zero: the longest that the rule allows
};
struct MadeKit {
  std::string id, bytes;  // what belongs into the file, which has to be kept where the machine's end does not reach it
  std::vector<std::string> targets;
  Time expires_at;
};
// By somebody who may confirm a break-glass, and is not the person it is for. Its public half is registered: journals
// of it are known by that. kBreakGlassRefused, kSelfApproval, kKitInvalid (the key), kSecretMissing.
Result<MadeKit> make_kit(Workspace& workspace, const MakeKit& request);

struct KnownKit {
  std::string id, person, name, maker, vkey;
  std::vector<std::string> targets;
  Time made_at, expires_at;
  std::int64_t merged = 0;  // lines of its journal
  std::string merged_hash;  // of the last of them
};
Result<std::vector<KnownKit>> list_kits(Workspace& workspace);

// The files are read by the caller of a command; values only. `orders` are carried out one after another; one that
// fails does not stop the next.
struct KitUse {
  std::string kit, private_key;  // contents
  std::string journal;           // path
  std::vector<emergency::Order> orders;
};
struct KitDone {
  emergency::Order order;
  emergency::Done done;
};
Result<std::vector<KitDone>> revoke_with_kit(const Environment& environment, const KitUse& use);

struct MergedJournal {
  std::string kit;
  std::string glass;               // the break-glass that it became; "" = nothing was new
  std::int64_t lines = 0;          // taken in now
  std::int64_t acts = 0;           // of these, intents
  std::int64_t obligations = 0;    // opened
  std::vector<std::string> loose;  // acts on accounts that nobody knows here: to be looked at by a person
  std::vector<std::string> read;   // targets that were read afterwards, and those that did not answer with why
};
// Verifies the journal, takes in what is new of it in one commit with the times of the journal, opens its review, and
// reads the targets back. A second time changes nothing. kJournalBroken (located), kJournalForeign.
Result<MergedJournal> merge_journal(Workspace& workspace, const std::string& journal, const std::string& head);

}  // namespace tenure::app
