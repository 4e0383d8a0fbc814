"""Each fault of a playbook is told once, where it is, in words that say what to do."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

import pytest

from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, PRODUCT, REPORT, playbook
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK as WHOLE_PLAYBOOK
from tests.trigger_engine.domain.playbook.whole_playbook import faults

PLAYBOOK = (
    playbook(
        [FULL, REPORT, "onboarded: {onboarding: [member.invited], within: 14d}"],
        [MORE, PHOTOS, "hello: {on: [onboarded], add: photos}"],
    )
    + "\n"
)

# fmt: off
FAULTS = [
    pytest.param("limit: storage_gb", "limit: storge_gb", "3:25  error[unknown-meter]  moment 'storage_full' watches 'storge_gb', which is not a meter (did you mean 'storage_gb'?)", id="a moment on a meter that is not there"),
    pytest.param("{milestone: exports, reaches: 1}", "{reaches: 1}", "4:3  error[moment]  moment 'first_report' needs exactly one of limit, attempt, milestone, onboarding, habit, growth, tenure, forecast, becomes, sequence, absence, outcome", id="a moment of no kind"),
    pytest.param("{milestone: exports, reaches: 1}", "exports", "4:17  error[shape]  moment 'first_report' must be a mapping, and this is 'exports'", id="a moment that is a word"),
    pytest.param("limit: storage_gb", "limit: exports", "3:25  error[no-limit]  no plan has a limit of 'exports': say under 'limits' of a plan how much it allows", id="a limit that no plan has"),
    pytest.param("at: [80%, 90%, 100%]", "at: [90%, 80%]", "3:37  error[steps]  steps must be above 0%, ascending, and each given once", id="steps that do not rise"),
    pytest.param("at: [80%, 90%, 100%]", "at: [80]", "3:42  error[shape]  a step must be a share such as 80%, and this is '80'", id="a step that is no share"),
    pytest.param("reaches: 1}", "reaches: 0}", "4:47  error[range]  a milestone must be above 0", id="a milestone that nothing reaches"),
    pytest.param("milestone: exports, reaches: 1}", "milestone: exports}", "4:17  error[missing]  moment 'first_report' needs 'reaches'", id="a milestone without its number"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: []}", "5:15  error[steps]  onboarding needs events, each given once", id="an onboarding of nothing"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: [member.invited], within: 14d, of: team}", "5:62  error[of]  'team' is not account, user or a product (there are account, user, photos, cable, room)", id="an onboarding of nobody"),
    pytest.param("  hello: {on: [onboarded], add: photos}\n", "", "5:3  error[unused-moment]  no offer is made on moment 'onboarded': name it under 'on' of one, or leave it out", id="a moment that nobody uses"),
    pytest.param("on: [first_report]", "on: [first_reprot]", "8:23  error[unknown-moment]  'first_reprot' is not a moment of this playbook (did you mean 'first_report'?)", id="an offer on a moment that is not there"),
    pytest.param("{on: [first_report], add", "{on: [], add", "8:22  error[no-signal]  offer 'photos_offer' must name the moments that earn it", id="an offer on nothing"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], boost: 2", "8:3  error[verb]  offer 'photos_offer' needs exactly one of upgrade_to, add, bundle, seats, term, highlight, nurture, task, choose_from", id="an offer without a verb"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: foto", "8:43  error[unknown-product]  'foto' is not a product (did you mean 'photos'?)", id="an offer of an unknown product"),
    pytest.param("next on personal", "next on persnal", "7:50  error[unknown-ladder]  'persnal' is not a ladder (did you mean 'personal'?)", id="an offer on an unknown ladder"),
    pytest.param("next on personal", "gold", "7:42  error[unknown-plan]  'gold' is not 'next', 'next on LADDER' or a plan (there are free, plus, team, enterprise, relic)", id="an offer of an unknown plan"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, placements: [baner]", "8:64  error[unknown-placement]  'baner' is not a placement (did you mean 'banner'?)", id="an offer in an unknown place"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, placements: []", "8:51  error[missing]  at least one placement is needed, or the offer could not be shown", id="an offer in no place"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, boost: 0", "8:58  error[range]  boost must be above 0", id="an offer that weighs nothing"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, after_a_no: sometimes", "8:63  error[after-a-no]  after_a_no must be 30d, never, next_period or 'wait for higher step', not 'sometimes'", id="a no that means nothing"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, after_a_no: wait for higher step", "8:63  error[no-steps]  'wait for higher step' needs moments that have steps", id="a no that waits for steps where there are none"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, content: Hello", "8:60  error[shape]  content must be a mapping, and this is 'Hello'", id="content that is a word"),
    pytest.param("on: [first_report], add: photos", "on: [first_report], add: photos, content: {body: Hello}", "8:60  error[missing]  content needs 'title'", id="content without a title"),
    pytest.param("on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: "{meters.export}"}', "8:69  error[unknown-variable]  {meters.export} is not known here (did you mean 'meters.exports'?)", id="a variable that is not there"),
    pytest.param("on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: "{price}"}', "8:69  error[otherwise]  {price} may be unknown, so 'otherwise' must say what is shown then", id="a variable that may be unknown"),
    pytest.param("on: [first_report], add: photos", 'on: [first_report], add: photos, content: {title: A, otherwise: "{price}"}', "8:83  error[otherwise]  'otherwise' is for when a variable is unknown: it can have none", id="a variable in the words for when one is unknown"),
    pytest.param("upgrade_to: next on personal", "upgrade_to: next on personal, content: {title: A, at_70%: {title: B}}", "7:83  error[unknown-step]  no moment of this offer has a step 70% (there are 80%, 90%, 100%)", id="words for a step that is not there"),
    pytest.param("hello: {on", "onboarded: {on", "9:3  error[twice]  'onboarded' stands at playbook.yaml:5:3 already; ids are unique in the set", id="an offer with the name of a moment"),
    pytest.param("{onboarding: [member.invited], within: 14d}", "{onboarding: [member.invited], within: 14d, order: listed}", "5:65  error[order]  'listed' is not 'any' or 'as_written'", id="an order that is none"),
]
OF_THE_WHOLE = [
    pytest.param("{habit: sharing, reaches: 5}", "{habbit: sharing, reaches: 5}", "13:19  error[unknown-key]  moment 'sharing_habit' has no 'habbit' (did you mean 'habit'?)", id="a kind of moment misspelt"),
    pytest.param("bundle: creative, content", "bundel: creative, content", "61:28  error[unknown-key]  offer 'both' has no 'bundel' (did you mean 'bundle'?)", id="a verb misspelt"),
    pytest.param("limit: storage_gb, at", "limit: storge_gb, at", "5:26  error[unknown-meter]  moment 'storage_full' watches 'storge_gb', which is not a meter (did you mean 'storage_gb'?)", id="a limit of a meter that is not there"),
    pytest.param("limit: storage_gb, at", "limit: exports, at", "5:26  error[no-limit]  no plan has a limit of 'exports': say under 'limits' of a plan how much it allows", id="a limit that no plan has"),
    pytest.param("limit: storage_gb, at", "limit: invites, at", "5:26  error[limit-by-user]  plan limits apply to meters of accounts; 'invites' is by user", id="a limit of a meter by user"),
    pytest.param("limit: storage_gb, at", "limit: team_projects, at", "5:26  error[limit-by-user]  plan limits apply to meters of accounts; 'team_projects' is by team", id="a limit of a meter by a property"),
    pytest.param("[80%, 90%, 100%]", "[]", "5:38  error[steps]  steps must be above 0%, ascending, and each given once", id="no steps"),
    pytest.param("[80%, 90%, 100%]", "[80%, 80%]", "5:38  error[steps]  steps must be above 0%, ascending, and each given once", id="a step twice"),
    pytest.param("[80%, 90%, 100%]", "[0%, 80%]", "5:38  error[steps]  steps must be above 0%, ascending, and each given once", id="a step at nothing"),
    pytest.param("below 70%", "below 80%", "5:87  error[again-after]  'below 80%' must lie under the lowest step, 80%, or the moment would fire without an end", id="re-arming at the lowest step"),
    pytest.param("below 70%", "below seventy", "5:93  error[shape]  the share to fall below must be a share such as 80%, and this is 'seventy'", id="re-arming below no share"),
    pytest.param("[plan_change, below 70%]", "[plan_chnge]", "5:74  error[again-after]  again_after may have plan_change and 'below 70%', not 'plan_chnge'", id="re-arming by a word that is none"),
    pytest.param("[plan_change, below 70%]", "plan_change", "5:73  error[shape]  again_after must be a list, and this is 'plan_change'", id="re-arming that is no list"),
    pytest.param("attempt: project.created", "attempt: project.craeted", "6:28  error[unknown-event]  'project.craeted' is not an event (did you mean 'project.created'?)", id="an attempt of no event"),
    pytest.param("attempt: project.created, of: projects", "attempt: project.created", "6:18  error[missing]  moment 'blocked' needs 'of'", id="an attempt of no meter"),
    pytest.param("attempt: project.created, of: projects", "attempt: project.created, of: tasks", "6:49  error[no-limit]  no plan has a limit of 'tasks': say under 'limits' of a plan how much it allows", id="an attempt at what has no limit"),
    pytest.param("milestone: exports", "milestone: sharing", "7:30  error[rolling-milestone]  'sharing' forgets what is older than its span, so nothing is reached once and for all: use a habit", id="a milestone on a rolling meter"),
    pytest.param("reaches: account.goal", "reaches: account.gaol", "8:51  error[unknown-fact]  'account.gaol' is not a fact of the product document (did you mean 'account.goal'?)", id="a milestone to a fact that is not there"),
    pytest.param("reaches: account.goal", "reaches: account.industry", "8:51  error[fact-type]  'account.industry' is text, and this needs a number", id="a milestone to a text"),
    pytest.param("milestone: invites, reaches: 3", "milestone: invites", "9:18  error[missing]  moment 'inviting' needs 'reaches'", id="a milestone without its number"),
    pytest.param("stale_after: 30m", "stale_after: soon", "7:64  error[shape]  stale_after must be a duration such as 30m, 24h or 14d, and this is 'soon'", id="a freshness that is no duration"),
    pytest.param("of: account, starts", "of: acount, starts", "10:83  error[of]  'acount' is not account, user or a product (did you mean 'account'?)", id="an onboarding of nobody"),
    pytest.param("starts: account.created", "starts: account.made", "10:100  error[unknown-event]  'account.made' is not account.created or an event (did you mean 'account.created'?)", id="an onboarding that starts with nothing"),
    pytest.param("order: any, within: 14d", "order: some, within: 14d", "10:124  error[order]  'some' is not 'any' or 'as_written'", id="an order that is none"),
    pytest.param("[project.created, file.stored, member.invited]", "[project.created, project.created]", "10:19  error[steps]  onboarding needs events, each given once", id="an onboarding with a step twice"),
    pytest.param("[project.created, file.stored, member.invited]", "[project.created, project.made]", "10:49  error[unknown-event]  'project.made' is not an event (did you mean 'project.deleted'?)", id="an onboarding with a step that is no event"),
    pytest.param("{habit: sharing, reaches: 5}", "{habit: storage_gb, reaches: 5}", "13:26  error[habit-for-ever]  'storage_gb' counts for ever, and a habit is of a span such as 7d: use a milestone", id="a habit on a meter for ever"),
    pytest.param("{habit: sharing, reaches: 5}", "{habit: sharing}", "13:18  error[missing]  moment 'sharing_habit' needs 'reaches'", id="a habit without its number"),
    pytest.param("{habit: sharing, reaches: 5}", "{habit: sharing, reaches: 0}", "13:44  error[range]  a habit must be above 0", id="a habit of nothing"),
    pytest.param("growth: tasks", "growth: sharing", "14:27  error[not-added-up]  growth adds up days and months, and 'sharing' is neither a count nor a sum", id="growth of what does not add up"),
    pytest.param("by: 50%", "by: 0%", "14:34  error[range]  by must be above 0%", id="growth by nothing"),
    pytest.param("by: 50%", "by: half", "14:38  error[shape]  by must be a share such as 80%, and this is 'half'", id="growth by no share"),
    pytest.param("of: month, periods", "of: quarter, periods", "14:47  error[period]  'quarter' is not a period of the calendar (there are day, week, month)", id="growth over no period of the calendar"),
    pytest.param("periods: 2", "periods: 13", "14:54  error[range]  periods must be 12 or less", id="growth over too many periods"),
    pytest.param(", from: 100}", "}", "14:18  error[missing]  moment 'growing' needs 'from'", id="growth from nowhere"),
    pytest.param("tenure: account.plan_since", "tenure: account.plan", "15:27  error[unknown-name]  'account.plan' is not a time of the account (did you mean 'account.plan_since'?)", id="a tenure of what is no time"),
    pytest.param("reaches: 12 months", "reaches: 12", "15:56  error[shape]  a tenure must be months or years such as '12 months', and this is '12'", id="a tenure without its unit"),
    pytest.param("reaches: 12 months", "reaches: 0 months", "15:56  error[range]  a tenure must be longer than nothing", id="a tenure of no time"),
    pytest.param("forecast: storage_gb", "forecast: largest", "16:29  error[not-added-up]  forecast adds up days and months, and 'largest' is neither a count nor a sum", id="a forecast of what does not add up"),
    pytest.param("forecast: storage_gb", "forecast: exports", "16:29  error[no-limit]  no plan has a limit of 'exports': say under 'limits' of a plan how much it allows", id="a forecast towards no limit"),
    pytest.param("within: 10d, confidence", "within: 36h, confidence", "16:41  error[range]  within must be whole days, 28d at most", id="a forecast that is not in days"),
    pytest.param("within: 10d, confidence", "within: 29d, confidence", "16:41  error[range]  within must be whole days, 28d at most", id="a forecast too far ahead"),
    pytest.param("confidence: 90%", "confidence: 101%", "16:54  error[range]  confidence can not be above 100%", id="a forecast surer than sure"),
    pytest.param("becomes: account.team >= 3 && meters.tasks > 5", "becomes: account.taem >= 3", "17:28  error[unknown-name]  'account.taem' is not known here (did you mean 'account.term'?)", id="a condition of a name that is not there"),
    pytest.param("becomes: account.team >= 3 && meters.tasks > 5", "becomes: account.team", "17:28  error[condition-kind]  a condition must be true or false, and this is a whole number", id="a condition that is not true or false"),
    pytest.param("becomes: account.team >= 3 && meters.tasks > 5", "becomes: meters.invites > 5", "17:28  error[unknown-name]  meter 'invites' counts by user: say total(meters.invites) for the whole account", id="a condition on a meter of a user, of no user"),
    pytest.param("sequence: [file.stored, file.shared]", "sequence: [file.stored]", "18:19  error[steps]  a sequence needs two events or more: one alone is a milestone", id="a sequence of one"),
    pytest.param("[file.stored, file.shared], within: 7d", "[file.stored, file.shared]", "18:18  error[missing]  moment 'tried_both' needs 'within'", id="a sequence without an end"),
    pytest.param("absence: file.shared, after: file.stored", "absence: file.shared", "19:18  error[missing]  moment 'stalled' needs 'after'", id="an absence after nothing"),
    pytest.param("absence: file.shared, after: file.stored", "absence: file.shared, after: file.shared", "19:48  error[absence]  'file.shared' can not be missed after itself: name the event that it should follow", id="an absence after itself"),
    pytest.param("outcome: accepted", "outcome: acepted", "20:28  error[outcome]  'acepted' is not what can become of an offer (did you mean 'accepted'?)", id="an outcome that is none"),
    pytest.param("of: ask_csm", "of: ask_cms", "20:42  error[unknown-offer]  'ask_cms' is not an offer of this playbook (did you mean 'ask_csm'?)", id="an outcome of an offer that is not there"),
    pytest.param("{habit: sharing, reaches: 5}", "{habit: sharing, reaches: 5, milestone: exports}", "13:3  error[moment]  moment 'sharing_habit' needs exactly one of limit, attempt, milestone, onboarding, habit, growth, tenure, forecast, becomes, sequence, absence, outcome", id="a moment of two kinds"),
    pytest.param("{habit: sharing, reaches: 5}", "{habit: sharing, reaches: 5, within: 7d}", "13:47  error[unknown-key]  moment 'sharing_habit' has no 'within' (there are habit, reaches, stale_after)", id="a word of another kind"),
    pytest.param("account.health < 0.5", "account.helth < 0.5", "24:37  error[unknown-name]  'account.helth' is not known here (did you mean 'account.health'?)", id="a segment of a name that is not there"),
    pytest.param("known(account.health) && account.health < 0.5", "small_team && account.health < 0.5", "24:12  error[segment-order]  segment 'at_risk' can name those above it only, and 'small_team' is not", id="a segment that names one below it"),
    pytest.param("known(account.health) && account.health < 0.5", "at_risk && account.health < 0.5", "24:12  error[segment-order]  segment 'at_risk' can name those above it only, and 'at_risk' is not", id="a segment that names itself"),
    pytest.param("  new_premium: account", "  new premium: account", "25:3  error[name]  a segment 'new premium' must begin with a letter and have only letters, digits and _ (64 at most)", id="a segment with a space in its name"),
    pytest.param("  new_premium: account", "  engagement: account", "25:3  error[name]  'engagement' is a word of conditions, so no segment can have it as its name", id="a segment with the name of a level"),
    pytest.param("  new_premium: account", "  now: account", "25:3  error[name]  'now' is a word of conditions, so no segment can have it as its name", id="a segment with a word of conditions as its name"),
    pytest.param("account.plan == 'plus' && account.age < 30d", "account.plan = 'plus'", "25:29  error[condition]  '=' is no comparison; say '=='", id="a segment with a sign that is none"),
    pytest.param("upgrade_to: next on personal\n    for", "upgrade_to: nxt on personal\n    for", "36:17  error[unknown-plan]  'nxt on personal' is not 'next', 'next on LADDER' or a plan (there are free, plus, team, enterprise)", id="an upgrade to nothing known"),
    pytest.param("upgrade_to: {unlocks: support}", "upgrade_to: {unlocks: suport}", "58:52  error[unknown-feature]  'suport' is not a feature of a plan (did you mean 'support'?)", id="a plan that unlocks nothing known"),
    pytest.param("add: complement", "add: complements", "60:38  error[unknown-product]  'complements' is not a product (did you mean 'complement'?)", id="a complement misspelt"),
    pytest.param("bundle: creative", "bundle: creativ", "61:36  error[unknown-bundle]  'creativ' is not a bundle (did you mean 'creative'?)", id="a bundle that is not there"),
    pytest.param("seats: 5", "seats: 0", "62:40  error[range]  seats must be a whole number of at least 1, and this is '0'", id="no seats"),
    pytest.param("seats: 5", "seats: some", "62:40  error[shape]  seats must be fitting or a whole number, and this is 'some'", id="seats without a number"),
    pytest.param("term: three_years", "term: two_years", "65:39  error[unknown-term]  'two_years' is not 'next' or a term (did you mean 'three_years'?)", id="a term that is not there"),
    pytest.param("highlight: history", "highlight: histery", "66:41  error[unknown-feature]  'histery' is not a feature (did you mean 'history'?)", id="a feature that is not there"),
    pytest.param("nurture: sharing_basics", "nurture: [sharing]", "67:34  error[shape]  a topic must be text, and this is a list", id="a topic that is a list"),
    pytest.param("task: csm, note", "task: cms, note", "68:34  error[unknown-queue]  'cms' is not a placement where people see their tasks (did you mean 'csm'?)", id="a queue that is not there"),
    pytest.param("due: 2d", "due: tomorrow", "68:81  error[shape]  due must be a duration such as 30m, 24h or 14d, and this is 'tomorrow'", id="a task due at no time"),
    pytest.param("choose_from: [photos, creative, enterprise]", "choose_from: [photos, creativ]", "70:49  error[unknown-item]  'creativ' is not a plan, product or bundle (did you mean 'creative'?)", id="a choice of what is not there"),
    pytest.param("choose_from: [photos, creative, enterprise]", "choose_from: [creative]", "70:27  error[choices]  choose_from needs two items or more, each given once", id="a choice of one"),
    pytest.param("choose_from: [photos, creative, enterprise]", "choose_from: [creative, photos, creative]", "70:27  error[choices]  choose_from needs two items or more, each given once", id="a choice of the same twice"),
    pytest.param("mark: creative", "mark: sign", "70:78  error[mark]  'sign' is not one of the items to choose from (there are photos, creative, enterprise)", id="a mark on what can not be chosen"),
    pytest.param("creative, order: as_written", "creative, order: cheapest", "70:95  error[order]  'cheapest' is not an order to show items in (did you mean 'cheapest_first'?)", id="an order to show items in that is none"),
    pytest.param("seats: 5}", "seats: 5, mark: team}", "62:43  error[goes-with]  'mark' goes with choose_from only, and this offer is seats", id="a mark without a choice"),
    pytest.param("seats: 5}", "seats: 5, note: call them}", "62:43  error[goes-with]  'note' goes with task only, and this offer is seats", id="a note without a task"),
    pytest.param("task: csm, not_before", "task: csm, placements: [banner], not_before", "69:39  error[goes-with]  a task is shown in its queue and says its note: it has no 'placements'", id="a task with a place of its own"),
    pytest.param("task: csm, not_before", "task: csm, content: {title: Hello}, not_before", "69:39  error[goes-with]  a task is shown in its queue and says its note: it has no 'content'", id="a task with content"),
    pytest.param("seats: 5}", "seats: 5, term: next}", "62:3  error[verb]  offer 'five_seats' needs exactly one of upgrade_to, add, bundle, seats, term, highlight, nurture, task, choose_from", id="an offer of two verbs"),
    pytest.param("for: not small_team", "for: not smal_team", "37:14  error[unknown-name]  'smal_team' is not known here (did you mean 'small_team'?)", id="an offer for a segment that is not there"),
    pytest.param("for: not small_team", "for: engagement.hgh", "37:10  error[unknown-name]  'engagement.hgh' is not known here (did you mean 'engagement.high'?)", id="an offer for a level that is not there"),
    pytest.param("for: not small_team", "for: engagement", "37:10  error[unknown-name]  'engagement' is a level: say engagement.high or engagement.medium or engagement.low", id="an offer for a whole level"),
    pytest.param("for: not small_team", "for: meters.invites > 1", "37:10  error[unknown-name]  meter 'invites' counts by user: say total(meters.invites) for the whole account", id="an offer on an account's moment for a user's meter"),
    pytest.param("not_before: {account.age: 300d, meters.exports: 10}", "not_before: {account.age: 300, meters.exports: 10}", "65:78  error[shape]  account.age must be a duration such as 30m, 24h or 14d, and this is '300'", id="a threshold of a time that is a number"),
    pytest.param("not_before: {account.age: 300d, meters.exports: 10}", "not_before: {account.ages: 300d, meters.exports: 10}", "65:65  error[unknown-name]  'account.ages' is not known here (did you mean 'account.age'?)", id="a threshold of a name that is not there"),
    pytest.param("not_before: {account.age: 300d, meters.exports: 10}", "not_before: {account.plan: 3, meters.exports: 10}", "65:65  error[not-before]  not_before compares numbers and lengths of time, and 'account.plan' is text", id="a threshold of a text"),
    pytest.param("propensity: 0.04", "propensity: 1.04", "49:5  error[range]  propensity is a share of those who are asked: 1 at most", id="a propensity above one"),
    pytest.param("propensity: 0.04", "propensity: 4%", "49:17  error[shape]  propensity must be a number such as 12.5, and this is '4%'", id="a propensity that is a share in percent"),
    pytest.param("{a: 50%, b: 50%}", "{a: 50%, b: 40%}", "50:5  error[variants]  the shares of variants must be 100% together, and these are 90%", id="variants that are not a whole"),
    pytest.param("{a: 50%, b: 50%}", "{b: 100%}", "50:5  error[variants]  variants needs two or more, each with a share above 0%", id="one variant"),
    pytest.param("{a: 50%, b: 50%}", "{a: 100%, b: 0%}", "50:5  error[variants]  variants needs two or more, each with a share above 0%", id="a variant for nobody"),
    pytest.param("{a: 50%, b: 50%}", "{a: 50%, b: 30%, c: 20%}", "50:5  error[same-variants]  the variants a and c say the same: give all but one words of their own (variant_c)", id="two variants that say the same"),
    pytest.param("variant_b:", "variant_c:", "44:15  error[unknown-variant]  'c' is not a variant of this offer (there are a, b)", id="words for a variant that is not there"),
    pytest.param("until: 2026-12-01", "until: 2026-11-01", "51:37  error[never-runs]  the offer would never run: it is over on 2026-11-01 and begins on 2026-11-01", id="a run that is over before it begins"),
    pytest.param("until: 2026-12-01", "until: 2026-11-31", "51:37  error[shape]  a day must be a date such as 2026-11-01, and this is '2026-11-31'", id="a day that is not there"),
    pytest.param("{from: 2026-11-01, until: 2026-12-01}", "{}", "51:5  error[missing]  runs needs 'from', 'until' or both", id="a run of no days"),
    pytest.param("{from: 2026-11-01, until: 2026-12-01}", "{from: 2026-11-01, to: 2026-12-01}", "51:30  error[unknown-key]  runs has no 'to' (there are from, until)", id="a run with a misspelt word"),
    pytest.param(", after: 200", "", "52:14  error[missing]  stop_if needs 'after'", id="a stop that never looks"),
    pytest.param("{dismissed: 40%, tickets: +20%, after: 200}", "{after: 200}", "52:5  error[missing]  stop_if needs 'dismissed', 'tickets' or both, or nothing could stop it", id="a stop for no reason"),
    pytest.param("dismissed: 40%", "dismissed: 0%", "52:26  error[range]  dismissed must be above 0%, and 100% at most", id="a stop at no refusal"),
    pytest.param("tickets: +20%", "tickets: 20%", "52:40  error[shape]  tickets are compared with those held out: write how many more, such as +20%, and not '20%'", id="more tickets without a plus"),
    pytest.param("[engagement, term, small_team, industry]", "[engagment]", "53:17  error[report-by]  'engagment' is not a level, a segment, a fact or one of plan and term (did you mean 'engagement'?)", id="results by what is not there"),
    pytest.param("[engagement, term, small_team, industry]", "[health]", "53:17  error[report-by]  'health' is not a level, a segment, a fact or one of plan and term", id="results by a number"),
    pytest.param("placements: [banner, modal]", "placements: [banner, popup]", "45:26  error[unknown-placement]  'popup' is not a placement (there are banner, modal, csm)", id="a placement that is not there"),
    pytest.param("open_for: 3d", "open_for: 0d", "47:15  error[range]  open_for must be longer than nothing", id="an offer that is never open"),
    pytest.param("boost: 1.3", "boost: -1", "48:12  error[range]  boost must be above 0", id="a boost below nothing"),
    pytest.param("{forecast.date}", "{forecast.day}", "57:76  error[unknown-variable]  {forecast.day} is not known here (did you mean 'forecast.date'?)", id="a variable that is not there"),
    pytest.param('title: "Full on {forecast.date}"', 'title: "{growth.percent}"', "57:76  error[unknown-variable]  {growth.percent} is not known here", id="a variable of another kind of moment"),
    pytest.param("on: [growing], upgrade_to", "on: [growing, running_out], upgrade_to", "58:93  error[otherwise]  {growth.percent} may be unknown, so 'otherwise' must say what is shown then", id="a variable that only one of two moments tells"),
    pytest.param(", otherwise: Both together", "", "61:64  error[otherwise]  {saving} may be unknown, so 'otherwise' must say what is shown then", id="a saving that may be unknown, and no other words"),
    pytest.param('note: "Tasks grew {growth.percent}"', 'note: "Tasks grew {growth.percnt}"', "68:46  error[unknown-variable]  {growth.percnt} is not known here (did you mean 'growth.percent'?)", id="a variable of a note that is not there"),
    pytest.param("{open_ticket: 48h}", "{open_ticket: 12h}", "29:3  error[loosens]  a playbook can only be stricter: the product document is quiet for longer after 'open_ticket'", id="a cool-down shorter than everybody's"),
    pytest.param("price_step: 2x", "price_step: 4x", "31:3  error[loosens]  a playbook can only be stricter: the product document allows 3 at most", id="a step steeper than everybody's"),
    pytest.param("caps: [{at_most: 1, per: week}]", "caps: [{at_most: 2, per: 4h}]", "30:3  error[loosens]  a playbook can only be stricter: the product document allows 1 for each account in that time, and this 2", id="a cap above everybody's"),
    pytest.param("price_step: 2x", "first_price: 30", "31:3  error[loosens]  a playbook can only be stricter: the product document allows 20 at most", id="a first price above everybody's"),
    pytest.param("price_step: 2x", "not_before: {account.age: 1d}", "31:3  error[loosens]  a playbook can only be stricter: the product document asks for more of 'account.age'", id="a threshold under everybody's"),
    pytest.param("price_step: 2x", "back_off: {after: 4, wait: 14d}", "31:3  error[loosens]  a playbook can only be stricter: the product document backs off after 3", id="a back-off later than everybody's"),
    pytest.param("price_step: 2x", "back_off: {after: 3, wait: 7d}", "31:3  error[loosens]  a playbook can only be stricter: the product document waits longer", id="a back-off shorter than everybody's"),
    pytest.param("quiet_when: [small_team,", "quiet_when: [smal_team,", "29:16  error[unknown-state]  'smal_team' is not a state to be quiet in (did you mean 'small_team'?)", id="quiet in a segment that is not there"),
    pytest.param("about: Upgrade", "abuot: Upgrade", "2:1  error[unknown-key]  a playbook has no 'abuot' (did you mean 'about'?)", id="a misspelt section"),
]
# fmt: on


def refused(text: str) -> list[str]:
    with pytest.raises(SetRefused) as caught:
        compile_set([("product.yaml", PRODUCT), ("playbook.yaml", text)], 0)
    return [str(problem).removeprefix("playbook.yaml:") for problem in caught.value.problems]


def test_the_documents_are_good_before_a_fault_is_put_in() -> None:
    assert compile_set([("product.yaml", PRODUCT), ("playbook.yaml", PLAYBOOK)], 0).version == 0


@pytest.mark.parametrize(("written", "broken", "told"), FAULTS)
def test_a_fault_is_told_once_and_where_it_is(written: str, broken: str, told: str) -> None:
    assert written in PLAYBOOK
    assert refused(PLAYBOOK.replace(written, broken, 1)) == [told]


@pytest.mark.parametrize(("written", "broken", "told"), OF_THE_WHOLE)
def test_a_fault_in_what_can_be_read_is_told_once_and_where_it_is(written: str, broken: str, told: str) -> None:
    assert written in WHOLE_PLAYBOOK
    assert faults(WHOLE_PLAYBOOK.replace(written, broken, 1)) == [told]


def test_every_fault_of_an_offer_is_told_at_once() -> None:
    text = playbook(
        [REPORT], ["it: {on: [first_report], add: foto, boost: 0, placements: [baner], open_for: 0d, after_a_no: no}"]
    )
    assert [told.split("[")[1].split("]")[0] for told in refused(text)] == [
        "unknown-product", "range", "unknown-placement", "range", "after-a-no",
    ]  # fmt: skip


def test_an_offer_without_evidence_can_not_be_published() -> None:
    """S60: no artificial need. An offer names the moments that earn it, or the set is refused."""
    without = PLAYBOOK.replace("{on: [first_report], add: photos}", "{add: photos}").replace(f"  {REPORT}\n", "")
    assert refused(without) == ["7:17  error[missing]  offer 'photos_offer' needs 'on'"]


@pytest.mark.parametrize(
    ("written", "broken", "told"),
    [
        pytest.param(
            "first_report: {m",
            "1st_report: {m",
            "4:3  error[name]  a moment '1st_report' must begin with a letter and have only letters, digits and _ (64 at most)",
            id="a name that begins with a digit",
        ),
        pytest.param(
            "add: photos}\n  hello", "add: [photos]}\n  hello",
            "8:43  error[shape]  a product must be text, and this is a list", id="a list where a word must be",
        ),
        pytest.param(
            "next on personal", "[next]", "7:42  error[shape]  upgrade_to must be text, and this is a list",
            id="a list where a rung must be",
        ),
        pytest.param(
            "limit: storage_gb", "limit: {a: b}", "3:25  error[shape]  a meter must be text, and this is a mapping",
            id="a mapping where a meter must be",
        ),
        pytest.param(
            "at: [80%, 90%, 100%]", "at: 80%", "3:41  error[shape]  at must be a list, and this is '80%'",
            id="one step, not in a list",
        ),
    ],
)  # fmt: skip
def test_what_has_the_wrong_shape_is_told_once(written: str, broken: str, told: str) -> None:
    after = PLAYBOOK.replace(written, broken, 1)
    assert after != PLAYBOOK
    if broken.startswith("1st"):
        after = after.replace("on: [first_report]", "on: [1st_report]")
    assert refused(after) == [told]
