// Who may meet whom in a merge, and the closure of that: a superset of what can influence each other. Private to
// libs/source.
#pragma once

#include "mapped.hpp"

#include <set>
#include <unordered_map>
#include <unordered_set>

#include <tenure/population/dictionary.hpp>
#include <tenure/source/register.hpp>

namespace tenure::source {

// Numbers by token; both are dense. Adding and removing at any time.
class Links {
 public:
  void add(std::uint32_t token, std::uint32_t number);
  void remove(std::uint32_t token, std::uint32_t number);
  template <class Visit>
  void each(std::uint32_t token, Visit visit) const {
    if (token >= heads_.size()) return;
    for (std::uint32_t at = heads_[token]; at != kEnd; at = nodes_[at].next) visit(nodes_[at].number);
  }

 private:
  static constexpr std::uint32_t kEnd = 0xFFFFFFFF;
  struct Node {
    std::uint32_t number, next;
  };
  std::vector<std::uint32_t> heads_;
  std::vector<Node> nodes_;
  std::uint32_t free_ = kEnd;
};

// A slice that grows.
struct Closure {
  std::set<model::IdentityId> identities;
  std::map<model::SourceName, std::set<Kept::Code>> records;
  std::unordered_set<std::uint32_t> tokens;
  Identities previous;  // those of `identities` that were known before

  std::size_t size() const;
};

class Register::Meetings {
 public:
  using Token = std::uint32_t;
  using KeptSources = std::map<model::SourceName, std::optional<Kept>>;

  // Of everything as it stands. `at`: when it was last merged.
  Meetings(const policy::PolicySet& policy, KeptSources& kept, const KnownIdentities& known, Time at, Workers& workers);

  // The index follows what became different.
  void change(const model::SourceName& source, const RecordChange& change);
  void change(const IdentityChange& change, Time now);

  // Seeds, and all that they meet. Each token, record and identity is followed once.
  void add(Closure& closure, const model::SourceName& source, Kept::Code code);
  void add_before(Closure& closure, const model::SourceName& source, const RecordChange& change);
  void add(Closure& closure, model::IdentityId id);
  // Whoever has a bound of an engagement in (the last merge, now].
  void add_passed(Closure& closure, Time now);
  // Records whose relation names a value that the identity has lost or gained.
  void add_referring(Closure& closure, const model::Identity* before, const model::Identity& after);

  std::vector<model::IdentityId> holders(const std::string& attribute, const std::string& text,
                                         const Identities& except) const;

 private:
  struct Source {
    const policy::SourceDoc* doc = nullptr;
    Kept* kept = nullptr;
    std::vector<std::size_t> attributes;  // those that something meets by
    Records shape;                        // what the mapper refers to
    Diagnostics unheard;
    std::unique_ptr<Mapper> mapper;
    Links meets, refers;
    std::vector<std::int64_t> identity_of;  // by code; 0 = none
  };
  struct Tokens {
    std::vector<std::string> meets, refers;
  };

  Tokens tokens_of(const Source& source, const Mapper& mapper, const Record& record) const;
  std::vector<std::string> tokens_of(const model::Identity& identity) const;
  void index_records(Source& source, Workers& workers);
  void index_identity(const model::Identity& identity, Time after);
  const model::Identity* look_at(Closure& closure, model::IdentityId id);
  void follow(Closure& closure);
  void visit(Closure& closure, Source& source, Kept::Code code);
  void visit(Closure& closure, const model::Identity& identity);
  void visit(Closure& closure, Token token);
  void meet(Closure& closure, Token token);
  Record record_of(const Source& source, Kept::Code code, const std::string& text) const;

  const policy::PolicySet& policy_;
  const KnownIdentities& known_;
  std::set<std::string> by_;  // attributes by which identities and records meet, or relations are found
  population::Dictionary tokens_;
  Links holders_;  // identities, by what their facts say
  std::map<model::SourceName, Source> sources_;
  std::map<model::IdentityId, std::vector<model::IdentityId>> aliases_;  // by home
  std::set<model::IdentityId> is_alias_;
  std::vector<std::pair<Time, model::IdentityId>> bounds_;  // to come; some no longer true
  std::vector<std::pair<Source*, Kept::Code>> open_records_;
  std::vector<model::IdentityId> open_identities_;
  std::vector<Token> open_tokens_;
};

}  // namespace tenure::source
