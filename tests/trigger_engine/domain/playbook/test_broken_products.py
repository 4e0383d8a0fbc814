"""Each fault of a product document is told once, where it is, in words that say what to do. `WHOLE` alone is good."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

import pytest

from tests.trigger_engine.domain.playbook.whole_product import WHOLE, faults

# fmt: off
FAULTS = [
    pytest.param("  member.invited: {}", "  member.invited: {user: text}", "13:20  error[built-in]  every event has 'user' beside its properties: no property can be called so", id="a property that every event has"),
    pytest.param("  member.invited: {}", "  member.invited: {quantity: number}", "13:20  error[built-in]  every event has 'quantity' beside its properties: no property can be called so", id="a property called quantity"),
    pytest.param("  industry: text", "  industry: txt", "17:13  error[fact-type]  'txt' is no type; there are text, number, whole, flag", id="a fact of no type"),
    pytest.param("  industry: text", "  industry: text?", "17:13  error[fact-type]  a fact needs no '?': until it is told it is unknown, or its default", id="a fact that may be absent"),
    pytest.param("  health: number", "  plan: text", "19:3  error[built-in]  account.plan is built in (id of the plan it is on): it needs no declaring, and no fact changes it", id="a fact that is built in"),
    pytest.param("{type: whole, default: 1}", "{type: whole, default: some}", "18:32  error[shape]  a default must be a number such as 12.5, and this is 'some'", id="a default that is no number"),
    pytest.param("{type: whole, default: 1}", "{type: whole, default: 1.5}", "18:32  error[range]  a default of a whole number must be one, and this is '1.5'", id="a default that is not whole"),
    pytest.param("{type: flag, default: false}", "{type: flag, default: no}", "20:30  error[flag]  'no' is not true or false", id="a default that is neither true nor false"),
    pytest.param("{type: number, default: 12.5}", "{default: 12.5}", "22:9  error[missing]  fact 'goal' needs 'type'", id="a fact without a type"),
    pytest.param("{type: whole, default: 1}", "{type: whole, defualt: 1}", "18:23  error[unknown-key]  fact 'team' has no 'defualt' (did you mean 'default'?)", id="a misspelt default"),
    pytest.param("  health: number", "  2nd: number", "19:3  error[name]  a fact '2nd' must begin with a letter and have only letters, digits and _ (64 at most)", id="a fact with a name that is none"),
    pytest.param("  industry: text", "  industry: [text]", "17:13  error[shape]  fact 'industry' must be a mapping, and this is a list", id="a fact that is a list"),
    pytest.param("terms: {month: 1, year: 12, three_years: 36}", "terms: {month: 1, year: 12, three_years: 36, annual: 12}", "5:46  error[twice]  'annual' is as long as 'year': two terms of one length are no two rungs", id="two terms of one length"),
    pytest.param("terms: {month: 1, year: 12, three_years: 36}", "terms: {month: 1, year: 12, three_years: 36, once: 2}", "5:46  error[built-in]  'once' is a word of prices: no term can be called so", id="a term called once"),
    pytest.param("terms: {month: 1, year: 12, three_years: 36}", "terms: {month: 1, year: 12, three_years: 0}", "5:42  error[range]  a term's months must be a whole number of at least 1, and this is '0'", id="a term of no months"),
    pytest.param("terms: {month: 1, year: 12, three_years: 36}", "terms: {month: 1, year: 12, three_years: 36, ever: 1201}", "5:52  error[range]  a term can have 1200 months at most", id="a term beyond a hundred years"),
    pytest.param("price: {month: 10, year: 96.10}", "price: {}", "26:23  error[price]  a price must say for which term, such as {month: 10}", id="a price of nothing"),
    pytest.param("price: {once: 12}", "price: {once: 12, month: 1}", "41:25  error[price]  what is paid once is not paid by term as well", id="a price paid once and by term"),
    pytest.param("price: {month: 10, year: 96.10}", "price: {once: 96}", "26:24  error[price]  a plan is paid by term; what is paid once is a product", id="a plan that is paid once"),
    pytest.param("term_features: {three_years: [support]}", "term_features: {month: [support]}", "32:21  error[unknown-term]  'month' is not a term that 'enterprise' is sold for (there are year, three_years)", id="features of a term that the plan is not sold for"),
    pytest.param("features: [history]}", "features: [history, history]}", "26:111  error[twice]  'history' stands twice", id="a feature twice"),
    pytest.param("{per_seat: 1000}", "{per_seat: lots}", "27:90  error[shape]  a limit must be a number such as 12.5, and this is 'lots'", id="a limit of lots for each seat"),
    pytest.param("limits: {storage_gb: 2, projects: 3}", "limits: {storage_gb: 2, team_projects: 3}", "25:50  error[limit-by-user]  plan limits apply to meters of accounts; 'team_projects' is by team", id="a limit of a meter by a property"),
    pytest.param("personal: [free, plus]", "personal: [free]", "34:3  error[ladder]  ladder 'personal' needs two rungs at least", id="a ladder of one rung"),
    pytest.param("personal: [free, plus]", "personal: [plus, free]\n  other: [free, plus]", "35:17  error[ladder]  'plus' stands above 'free' here, and below it on ladder 'personal'", id="two ladders that lead in circles"),
    pytest.param("adoption: [docs, photos, sign]", "adoption: [docs, sign, photos]", "36:20  error[in-use]  what comes after 'sign' asks whether it is in use: say under in_use when it is", id="a rung that must be in use, and nobody knows when"),
    pytest.param("adoption: [docs, photos, sign]", "adoption: [docs, photos, team]", "36:14  error[ladder]  ladder 'adoption' has plans on it: 'docs' is none", id="a plan on a ladder of products"),
    pytest.param("features: [docs]", "features: [docs, sign]", "36:28  error[ambiguous]  'sign' is the id of something sold and of a feature: a rung must be one of them", id="an ambiguous rung"),
    pytest.param("adoption: [docs, photos, sign]", "adoption: [doks, photos, sign]", "36:14  error[unknown-rung]  'doks' is not a plan or product (did you mean 'docs'?)", id="a feature that is not there"),
    pytest.param("goes_with: {plus: 1.4, sign: 2}", "goes_with: {plus: 1.4, sing: 2}", "38:70  error[unknown-product]  'sing' is not a plan or product (did you mean 'sign'?)", id="what goes with something that is not there"),
    pytest.param("goes_with: {plus: 1.4, sign: 2}", "goes_with: {photos: 2}", "38:59  error[goes-with]  'photos' can not go with itself", id="what goes with itself"),
    pytest.param("goes_with: {plus: 1.4, sign: 2}", "goes_with: {plus: 0}", "38:65  error[range]  how strongly they go together must be above 0", id="what goes together with no strength"),
    pytest.param("repeat: true", "repeat: often", "40:69  error[flag]  'often' is not true or false", id="what can be bought again often"),
    pytest.param("sort: tool", "sort: a tool", "38:86  error[id]  sort may have letters, digits and _ . : - only, 64 at most", id="a sort that is no id"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, sign], saving: 25%, price: {month: 9, year: 100}", "43:43  error[typed-saving]  what a bundle saves is computed and shown, never typed: leave 'saving' out", id="a saving that is typed"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, sign], was: 12, price: {month: 9, year: 100}", "43:43  error[typed-saving]  what a bundle saves is computed and shown, never typed: leave 'was' out", id="a price before that is typed"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, sign], price: {month: 13}", "43:51  error[bundle-price]  the bundle costs 13 and what is in it 12 for 'month': it must not cost more", id="a bundle that costs more than its items"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, room], price: {month: 7, year: 50}", "43:61  error[bundle-price]  'room' has no price for 'year', so nobody can tell what the bundle saves", id="a bundle whose saving can not be told"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos], price: {month: 3}", "43:20  error[bundle]  a bundle needs two products at least, each given once", id="a bundle of one"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, photos], price: {month: 3}", "43:20  error[bundle]  a bundle needs two products at least, each given once", id="a bundle of the same twice"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, sing], price: {month: 9}", "43:36  error[unknown-product]  'sing' is not a product (did you mean 'sign'?)", id="a bundle of what is not there"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, plus], price: {month: 9}", "43:36  error[unknown-product]  'plus' is not a product (there are photos, sign, room, cable)", id="a bundle with a plan"),
    pytest.param("items: [photos, sign], price: {month: 9, year: 100}", "items: [photos, sign]", "43:5  error[missing]  a bundle needs 'price'", id="a bundle without a price"),
    pytest.param("{id: creative, items", "{id: team, items", "43:10  error[twice]  'team' stands twice", id="a bundle with the id of a plan"),
    pytest.param("{sum: size_gb, of: file.stored}", "{sum: format, of: file.stored}", "46:21  error[property-type]  'format' is text?, and this needs a number", id="a sum of texts"),
    pytest.param("{max: size_gb, of: file.stored, over: month}", "{max: user, of: file.stored, over: month}", "55:18  error[unknown-property]  'user' is not a property of 'file.stored' (there are size_gb, format, quantity)", id="the greatest user"),
    pytest.param("{distinct: recipient, of: file.shared, over: 7d}", "{distinct: recipent, of: file.shared, over: 7d}", "49:23  error[unknown-property]  'recipent' is not a property of 'file.shared' (did you mean 'recipient'?)", id="values of a property that is not there"),
    pytest.param("{distinct: recipient, of: file.shared, over: 7d}", "{distinct: recipient, over: 7d}", "49:12  error[missing]  meter 'sharing' needs 'of'", id="values of no event"),
    pytest.param("{count: project.created, less: project.deleted, by: team}", "{count: project.created, less: project.created, by: team}", "48:49  error[meter]  meter 'team_projects': 'project.created' can not add and take away", id="what adds and takes away"),
    pytest.param("{count: project.created, less: project.deleted, by: team}", "{count: project.created, less: file.stored, by: team}", "48:66  error[by]  'team' is not 'user', or a property that each of its events has", id="by a property that not all events have"),
    pytest.param("{count: member.invited, by: user}", "{count: member.invited, by: usr}", "52:40  error[by]  'usr' is not 'user', or a property that each of its events has (did you mean 'user'?)", id="by what is no property"),
    pytest.param("{count: task.ran, over: billing_period}", "{count: task.ran, of: report.exported}", "53:28  error[meter]  meter 'tasks': 'of' names the event of a property, and 'count' has none", id="a count of an event of another"),
    pytest.param("{days_with: any, over: 30d}", "{days_with: [], over: 30d}", "57:17  error[meter]  meter 'active_days': days_with needs events, each given once", id="days with nothing"),
    pytest.param("{days_with: any, over: 30d}", "{days_with: [task.ran, task.ran], over: 30d}", "57:17  error[meter]  meter 'active_days': days_with needs events, each given once", id="days with the same twice"),
    pytest.param("{days_with: any, over: 30d}", "{days_with: all, over: 30d}", "57:28  error[unknown-event]  'all' is not an event (there are file.stored, file.shared, project.created, project.deleted, report.exported, member.invited, task.ran)", id="days with what is no event"),
    pytest.param("{days_with: any, over: 30d}", "{days_with: any, over: 0d}", "57:39  error[range]  over must be longer than nothing", id="days in no time"),
    pytest.param("{count: task.ran, over: billing_period}", "{count: task.ran, over: fortnight}", "53:34  error[span]  'fortnight' is not a length such as 7d, or a span of time (there are ever, billing_period, day, week, month)", id="a span that is none"),
    pytest.param("where: event.format == 'pdf' && event.pages >= 2", "where: event.fromat == 'pdf'", "51:44  error[unknown-name]  'event.fromat' is not known here (did you mean 'event.format'?)", id="a misspelt property"),
    pytest.param("where: event.format == 'pdf' && event.pages >= 2", "where: account.industry == 'care'", "51:44  error[unknown-name]  'where' reads the event only, as in event.format == 'pdf'", id="an account in where"),
    pytest.param("where: event.format == 'pdf' && event.pages >= 2", "where: event.pages > 'two'", "51:56  error[condition-kind]  '>' does not go with a whole number and text", id="a number compared with a text"),
    pytest.param("where: event.format == 'pdf' && event.pages >= 2", "where: event.pages", "51:44  error[condition-kind]  a condition must be true or false, and this is a whole number", id="a number instead of a condition"),
    pytest.param("where: event.format == 'pdf' && event.pages >= 2", "where: event.format = 'pdf'", "51:57  error[condition]  '=' is no comparison; say '=='", id="half a comparison"),
    pytest.param("where: event.size_gb > 1", "where: event.recipient == 'x'", "58:73  error[unknown-name]  'event.recipient' is not known here", id="a property that not all events have"),
    pytest.param("{photos: meters.file_days >= 3, docs", "{fotos: meters.file_days >= 3, photos: meters.exports > 1, docs", "60:10  error[unknown-product]  'fotos' is not a product or a feature (did you mean 'photos'?)", id="use of what is not there"),
    pytest.param("{photos: meters.file_days >= 3, docs", "{photos: meters.file_day >= 3, docs", "60:18  error[unknown-name]  'meters.file_day' is not known here (did you mean 'meters.file_days'?)", id="use by a meter that is not there"),
    pytest.param("{photos: meters.file_days >= 3, docs", "{photos: meters.invites >= 3, docs", "60:18  error[unknown-name]  meter 'invites' counts by user: say total(meters.invites) for the whole account", id="use by a user's meter"),
    pytest.param("    - low: otherwise\n", "", "65:7  error[level]  a level must cover every account: the last must be 'medium: otherwise', or the like", id="a level that does not cover all"),
    pytest.param("    - low: otherwise\n", "    - low: otherwise\n    - none: meters.active_days < 1\n", "66:12  error[level]  what stands behind 'otherwise' is never reached: it must be the last", id="a level behind the last"),
    pytest.param("    - medium: meters.active_days >= 4", "    - medium: meters.active_days >= 12", "65:7  error[level]  'medium' asks what 'high' asked before, and is never reached", id="a level that is never reached"),
    pytest.param("    - medium: meters.active_days >= 4", "    - high: meters.active_days >= 4", "65:7  error[twice]  'high' stands twice", id="a level twice"),
    pytest.param("    - medium: meters.active_days >= 4", "    - 2nd: meters.active_days >= 4", "65:7  error[name]  what level 'engagement' can be, '2nd' must begin with a letter and have only letters, digits and _ (64 at most)", id="a level with a name that is none"),
    pytest.param("levels:\n  engagement:", "levels:\n  a-b: [{c: account.vip}, {d: otherwise}]\n  engagement:", "63:3  error[name]  a level 'a-b' must begin with a letter and have only letters, digits and _ (64 at most)", id="a level whose name could not be read"),
    pytest.param("    - medium: meters.active_days >= 4", "    - medium: size.large", "65:15  error[unknown-name]  a level asks what is known of an account, and neither other levels nor segments", id="a level that reads a level"),
    pytest.param("    - medium: meters.active_days >= 4", "    - medium: at_risk", "65:15  error[unknown-name]  a level asks what is known of an account, and neither other levels nor segments", id="a level that reads a segment"),
    pytest.param("    - medium: meters.active_days >= 4", "    - {medium: meters.active_days >= 4, some: now > account.created}", "65:41  error[level]  one name and its condition a line, so that their order can be seen", id="two in one line"),
    pytest.param("    - medium: meters.active_days >= 4", "    - medium", "65:7  error[shape]  a line of level 'engagement' must be a mapping, and this is 'medium'", id="a level without its condition"),
    pytest.param("placements:", "  order: {large: account.team >= 10, small: otherwise}\nplacements:", "70:10  error[shape]  level 'order' must be a list, and this is a mapping", id="a level without an order"),
    pytest.param("placements:", "  one: [{all: otherwise}]\nplacements:", "70:3  error[level]  level 'one' needs two at least", id="a level of one"),
    pytest.param("placements:", "  new_premium: [{yes: account.vip}, {no: otherwise}]\nplacements:", "70:3  error[twice]  'new_premium' is a segment already: a level needs a name of its own", id="a level with the name of a segment"),
    pytest.param("placements:", "  account: [{yes: account.vip}, {no: otherwise}]\nplacements:", "70:3  error[twice]  'account' is a word of conditions already: a level needs a name of its own", id="a level with a word of conditions as its name"),
    pytest.param("placements: [banner, modal, csm]", "placements: []", "70:13  error[missing]  at least one placement is needed, or no offer could be shown", id="no places"),
    pytest.param("placements: [banner, modal, csm]", "placements: [banner, modal, banner]", "70:29  error[twice]  'banner' stands twice", id="a place twice"),
    pytest.param("renewal_week, at_risk", "renewal_wek, at_risk", "73:48  error[unknown-state]  'renewal_wek' is not a state to be quiet in (did you mean 'renewal_week'?)", id="a misspelt state"),
    pytest.param("renewal_week, at_risk", "renewal_week, at_rsk", "73:62  error[unknown-state]  'at_rsk' is not a state to be quiet in (did you mean 'at_risk'?)", id="a misspelt segment"),
    pytest.param("renewal_week, at_risk", "renewal_week, at_risk, at_risk", "73:71  error[twice]  'at_risk' stands twice", id="a segment twice"),
    pytest.param("renewal_week, at_risk", "renewal_week, engagement", "73:62  error[unknown-name]  'engagement' is a level: say engagement.high or engagement.medium or engagement.low", id="a level as a state"),
    pytest.param("renewal_week, at_risk", "renewal_week, not account.vip", "73:66  error[unknown-name]  'account.vip' is not known here", id="a fact as a state"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{account.agee: 3d}", "74:16  error[unknown-name]  'account.agee' is not known here (did you mean 'account.age'?)", id="a misspelt age"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{account.plan: plus}", "74:16  error[not-before]  not_before compares numbers and lengths of time, and 'account.plan' is text", id="a plan that must be at least"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{account.age: 3}", "74:29  error[shape]  account.age must be a duration such as 30m, 24h or 14d, and this is '3'", id="an age without its unit"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{meters.exports: 3d}", "74:32  error[shape]  meters.exports must be a number such as 12.5, and this is '3d'", id="a count of days where a number must be"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{meters.invites: 3}", "74:16  error[unknown-name]  meter 'invites' counts by user: say total(meters.invites) for the whole account", id="a user's meter that must be at least"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{meters.exports: 0}", "74:32  error[range]  meters.exports must be above 0", id="at least nothing"),
    pytest.param("{account.age: 3d, meters.exports: 1, account.team: 2}", "{account.team: 1.5}", "74:30  error[range]  account.team must be a whole number of at least 1, and this is '1.5'", id="at least one and a half"),
    pytest.param("at_most: 3, per: week, for: engagement.high && size.large", "at_most: 3, per: wek", "77:25  error[span]  per must be day, week, month, or a length such as 4h, and this is 'wek' (did you mean 'week'?)", id="a cap over a misspelt week"),
    pytest.param("at_most: 3, per: week, for: engagement.high && size.large", "at_most: 3, per: week, for: engagment.high", "77:36  error[unknown-name]  'engagment.high' is not known here (did you mean 'engagement.high'?)", id="a cap for a misspelt level"),
    pytest.param("at_most: 3, per: week, for: engagement.high && size.large", "at_most: 3, per: week, for: meters.active_days", "77:36  error[condition-kind]  a condition must be true or false, and this is a number", id="a cap for a number"),
    pytest.param("of: highlight, for: new_premium", "of: higlight, for: new_premium", "79:34  error[verb]  'higlight' is not a verb of offers (did you mean 'highlight'?)", id="a cap of a misspelt verb"),
    pytest.param("each: user", "each: person", "78:36  error[each]  'person' is not what a cap counts by (there are account, offer, family, placement, user)", id="a cap for each of what is not counted"),
    pytest.param("{after: 3, wait: 14d}", "{after: 0, wait: 14d}", "80:21  error[range]  after must be a whole number of at least 1, and this is '0'", id="backing off after nothing"),
    pytest.param("{after: 3, wait: 14d}", "{after: 3}", "80:13  error[missing]  back_off needs 'wait'", id="backing off for no time"),
    pytest.param("{after: 3, wait: 14d}", "{after: 3, wait: 14}", "80:30  error[shape]  wait must be a duration such as 30m, 24h or 14d, and this is '14'", id="backing off for a number"),
    pytest.param("price_step: 3x", "price_step: 3", "81:15  error[shape]  price_step must be a factor such as 3x, and this is '3'", id="a step without its x"),
    pytest.param("price_step: 3x", "price_step: 1x", "81:15  error[range]  price_step must be above 1x, or every upgrade would be too steep", id="a step that lets nothing through"),
    pytest.param("first_price: 20", "first_price: -1", "82:16  error[range]  first_price must be above 0", id="a first price below nothing"),
    pytest.param("match: 2.5", "match: 2.1234567", "85:10  error[range]  weight 'match' can have 6 digits after the point", id="a weight of seven digits"),
    pytest.param("match: 2.5", "match: 0", "85:10  error[range]  weight 'match' must be above 0", id="a weight of nothing"),
    pytest.param("{success: 1.6, limit: 1.4, other: 0.9}", "{succes: 1.6}", "84:13  error[unknown-key]  context has no 'succes' (did you mean 'success'?)", id="a misspelt weight"),
    pytest.param("value: {from: 0.25, to: 4}", "value: {from: 4, to: 0.25}", "86:3  error[range]  value goes from 4 to 0.25, and that is downwards", id="a value that goes downwards"),
    pytest.param("{share: 5%, salt: autumn}", "{share: 100%}", "87:18  error[range]  what is held out must be above 0% and below 100%", id="all held out"),
    pytest.param("{share: 5%, salt: autumn}", "{share: 5}", "87:18  error[shape]  what is held out must be a share such as 80%, and this is '5'", id="a share without its sign"),
    pytest.param("{share: 5%, salt: autumn}", "{salt: autumn}", "87:10  error[missing]  holdout needs 'share'", id="a holdout of nobody"),
    pytest.param("history: unknown", "history: starts_emtpy", "4:10  error[history]  'starts_emtpy' is not 'starts_empty' or 'unknown' (did you mean 'starts_empty'?)", id="a misspelt history"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: meters.active_days >=", "64:32  error[condition]  the condition ends too early", id="half a condition in a level"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: account.vip and account.team > 1", "64:25  error[condition]  say '&&' instead of 'and'", id="and instead of its sign"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: meters.active_days / 30 > 0.5", "64:32  error[condition]  there is no '/', as dividing by nothing has no answer; say a > 0.8 * b instead of a / b > 0.8", id="a share worked out by dividing"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: account.age > 12", "64:25  error[condition-kind]  '>' does not go with a length of time and a whole number", id="an age and a number"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: account.team >= 1.5", "64:26  error[condition-kind]  '>=' does not go with a whole number and a number; double(...) makes a whole number a number", id="a whole number and one that is not"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: account.industry.matches('[')", "64:38  error[condition]  '[' is not what matches needs, as in account.id.matches('^eu-')", id="a pattern that is none"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: true", "64:13  error[condition]  this says the same of every account: a condition must ask about something", id="what is true of every account"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: event.format == 'pdf'", "64:13  error[unknown-name]  an event is read by the 'where' of a meter only", id="an event outside of where"),
    pytest.param("    - high: meters.active_days >= 12", "    - high: not account.team > 1", "64:13  error[condition]  'not' needs brackets around what it turns: not (meters.exports >= 3)", id="not before half a comparison"),
    pytest.param("currency: USD", "currency: '$'", "2:12  error[id]  currency may have letters, digits and _ . : - only, 64 at most", id="a currency that is a sign"),
]
# fmt: on


def test_the_document_is_good_before_a_fault_is_put_in() -> None:
    assert faults(WHOLE) == []


@pytest.mark.parametrize(("written", "broken", "told"), FAULTS)
def test_a_fault_is_told_once_and_where_it_is(written: str, broken: str, told: str) -> None:
    assert written in WHOLE
    assert [str(problem) for problem in faults(WHOLE.replace(written, broken, 1))] == [f"product.yaml:{told}"]


def test_what_is_underlined_in_a_condition_is_the_word_that_is_wrong() -> None:
    text = WHOLE.replace("meters.active_days >= 12", "meters.active_days >= 4 && acount.team > 1")
    (problem,) = faults(text)
    _, line, marks = problem.shown(text).splitlines()
    start, end = marks.index("^"), marks.rindex("^") + 1
    assert line[start:end] == "acount.team"
    assert marks.endswith("did you mean 'account.team'?")


@pytest.mark.parametrize("condition", [">\n        acount.team > 1", '"acount.team\\n > 1"'])
def test_a_condition_that_is_folded_is_told_where_it_begins(condition: str) -> None:
    (problem,) = faults(WHOLE.replace("meters.active_days >= 12", condition))
    assert (problem.place.line, problem.width, problem.rule) == (
        WHOLE[: WHOLE.index("- high")].count("\n") + 1,
        1,
        "unknown-name",
    )
