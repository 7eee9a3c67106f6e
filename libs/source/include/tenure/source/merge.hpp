// Accepted records of all sources to identities: mapping, typing, correlation, precedence, engagements, relations.
// Pure: values in, values out; the order of records and sources does not matter.
#pragma once

#include <map>
#include <set>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/source/records.hpp>

namespace tenure::source {

using Identities = std::map<model::IdentityId, model::Identity>;

struct Merged {
  Identities identities;                   // all of them, changed or not; none ever disappears
  std::vector<model::IdentityId> changed;  // new or different from before, in order
  std::vector<model::Finding> findings;    // kAmbiguous, kUnowned; in order of id. See below for their subject
  std::set<model::SourceKey> attention;    // records that a finding or a warning is about
  Diagnostics diagnostics;                 // warnings: values that do not fit, with file, line and column name
};

// `records` holds the accepted records of every source that has any; a source that is not in it is silent: what is
// known from it stands. `previous` are the identities of the last merge.
//
// Correlation. A record keeps the identity that it had (by source and record key). Otherwise it joins the identity of
// its kind whose fact has exactly the same value of the source's correlation attribute; a blank value joins nothing.
// Where the two disagree, or one value fits several identities, or one identity would get two values, nothing is
// guessed: the record stays where it was (or out), nothing of it is used, and a finding kAmbiguous names it: its
// `account` holds the source's name as target and the record's key as id. New identities are numbered from the highest
// known id, source by source in falling precedence (then by name), in order of the correlation value, blank ones last
// by record key.
//
// Facts. Of an identity's records the one that runs now speaks first, then one that begins later, then one that is
// over; among these the source of higher precedence (for an attribute: that of its mapping, if it has one), the later
// start, the lesser key. The first whose source maps an attribute decides it, alone: a blank of a required attribute,
// or a value of the wrong type, is unknown and keeps the last known value (T9) instead of falling through to another
// source. Lists are written with semicolons. `known_at` moves only when the fact does, so that merging the same records
// again changes nothing.
//
// Engagements. One for every record. A record that is gone from an accepted feed ends its engagement now (status
// "gone"); the identity stays. A start, end or status that cannot be read keeps its last known value; without one the
// engagement has not begun (start = never): nothing is given on its account.
//
// Relations. A value that is blank or fits no identity or several keeps the relation that was known. An identity other
// than a person, not retired, whose source maps an owner but that has none, is a finding kUnowned.
//
// This is everything at once, record by record. What a day changes Register finds and merges alone, with the same
// result.
Merged merge(const policy::PolicySet& policy, const std::map<model::SourceName, Records>& records,
             const Identities& previous, Time now);

}  // namespace tenure::source
