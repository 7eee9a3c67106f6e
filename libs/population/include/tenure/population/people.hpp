// Everyone: facts, engagements, relations, records; what was put in comes out as the same values. An identity's row is
// its number - 1. Part of Population.
//
// One thread writes; const members are safe from any thread after settle() and until the next write.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tenure/model/identity.hpp>
#include <tenure/population/bitmap.hpp>
#include <tenure/population/by_code.hpp>
#include <tenure/population/column.hpp>
#include <tenure/population/dictionary.hpp>
#include <tenure/population/packed.hpp>
#include <tenure/population/records.hpp>
#include <tenure/population/rows.hpp>

namespace tenure::population {

using IdentityIndex = std::uint32_t;
inline constexpr std::uint32_t kNobody = 0xFFFFFFFF;

class People {
 public:
  // Inserts, or replaces what is there under its number. REQUIRES: 1 <= id < 2^32.
  void put(const model::Identity& identity);
  void reserve(std::size_t identities);
  // Folds what changed into the arrays: when it is enough, or always. Reads are exact before, too.
  void settle();
  void fold();

  // Another number after every write: what was computed from facts is kept by it.
  std::uint64_t version() const { return version_; }
  std::size_t rows() const { return kinds_.size(); }  // one more than the greatest row
  const Bitmap& present() const { return present_; }  // rows that are somebody, aliases included
  const Bitmap& aliases() const { return aliases_; }  // merged into another
  static IdentityIndex row(model::IdentityId id) { return static_cast<IdentityIndex>(id.value() - 1); }
  static model::IdentityId id(IdentityIndex row) { return model::IdentityId(std::int64_t{row} + 1); }
  bool contains(model::IdentityId id) const;
  model::Identity identity(IdentityIndex row) const;  // REQUIRES: present
  std::string_view key(IdentityIndex row) const { return keys_.text(key_of_[row]); }
  model::IdentityKind kind(IdentityIndex row) const { return kinds_[row]; }
  const Bitmap& of_kind(model::IdentityKind kind) const { return of_kind_[static_cast<std::size_t>(kind)]; }
  // Through aliases; the id itself where there is no such identity.
  model::IdentityId resolved(model::IdentityId id) const;

  // nullptr: nobody ever had a fact of that name.
  const Column* column(std::string_view attribute) const;
  std::vector<std::string> attributes() const;  // in byte order
  // Makes the bitmaps of all columns that have few enough values: before several threads ask where().
  void index() const;

  struct Period {  // an engagement, for scans
    Time start, end;
    std::uint32_t status = 0;  // code in statuses()
    std::uint32_t source = 0;  // code in sources()
    std::uint32_t key = 0;     // code in record_keys()
    friend bool operator==(const Period&, const Period&) = default;
  };
  std::span<const Period> periods(IdentityIndex row) const { return periods_[row]; }
  struct Link {  // a relation
    model::IdentityId to;
    std::uint32_t kind = 0;    // code in relation_kinds()
    std::uint32_t source = 0;  // code in sources()
  };
  std::span<const Link> relations(IdentityIndex row) const { return relations_[row]; }
  struct Record {              // a source record
    std::uint32_t source = 0;  // code in sources()
    std::uint32_t key = 0;     // code in record_keys()
  };
  std::span<const Record> records(IdentityIndex row) const { return records_[row]; }
  const Dictionary& statuses() const { return statuses_; }
  const Dictionary& sources() const { return sources_; }
  const Dictionary& relation_kinds() const { return relation_kinds_; }
  const Dictionary& record_keys() const { return keys_; }  // keys of identities too: mostly the same texts
  std::size_t bytes() const;

 private:
  friend class PeopleLoader;
  struct Provenance {
    std::int64_t known_at;
    std::uint64_t source;  // code in sources_
  };
  struct FactColumn {
    Column column;
    PackedCodes provenance;  // code in provenances_, where there is a fact
  };
  void grow(std::size_t rows);
  FactColumn& fact_column(const std::string& attribute);
  void put_fact(FactColumn& to, IdentityIndex row, const model::Fact& fact);
  void put_facts(IdentityIndex row, const model::Facts& facts);
  void put_key(IdentityIndex row, std::string_view key);
  model::SourceName source_name(std::uint32_t code) const;

  std::uint64_t version_ = 1;
  std::vector<model::IdentityKind> kinds_;
  Bitmap present_, aliases_;
  std::array<Bitmap, 5> of_kind_;
  std::unordered_map<IdentityIndex, model::IdentityId> alias_of_;
  Dictionary keys_;
  std::vector<std::uint32_t> key_of_;  // by row; code in keys_
  std::map<std::string, FactColumn, std::less<>> facts_;
  Records<Provenance> provenances_;
  Dictionary sources_, statuses_, relation_kinds_;
  Rows<Period> periods_;
  Rows<Link> relations_;
  Rows<Record> records_;
};

}  // namespace tenure::population
