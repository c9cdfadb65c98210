//! What list operations take in the query: filters, search, order, pages; and the envelope their pages come in.

use super::serializers::{camel, on_wire};
use super::{drf, models, settings, viewsets};
use crate::base::Name;
use crate::base::code::{Call, Expr, Key};
use crate::facts::finding::{Location, ParamFinding};
use crate::facts::program::{CallRef, ClassRef, Meaning, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::marshmallow::nested_class;

/// Everything a list operation takes.
#[must_use]
pub fn list(program: &dyn Program, class: ClassRef) -> Vec<ParamFinding> {
    let mut params = filtered(program, class);
    params.extend(pages(program, class));
    params
}

/// What a detail operation takes: what its own `filterset_class` property gives for details is not told apart.
#[must_use]
pub fn detail(program: &dyn Program, class: ClassRef) -> Vec<ParamFinding> {
    let Some(property) = program.method(class, "filterset_class") else { return Vec::new() };
    let facts = program.file(property.file);
    let returned = facts.returns_of(property.id).iter().map(|index| &facts.outline.returns[*index as usize]);
    let first = returned
        .filter(|value| !value.is_raise)
        .find_map(|value| program.resolve(&Site::of_scope(property.file, value.scope), &value.value).class());
    // `if self.detail: return DetailFilter`
    let declared = facts.outline.function(property.id);
    let is_two = facts.outline.tests.iter().any(|test| {
        (declared.at.offset..declared.end).contains(&test.at.offset) && test.expr.last_name().is_some_and(|name| name == "detail")
    });
    first.filter(|_| is_two).map(|set| filterset(program, set, has_own_names(program, class))).unwrap_or_default()
}

fn query(name: &str, shape: Shape, doc: Option<&str>) -> ParamFinding {
    ParamFinding { name: name.into(), location: Location::Query, required: false, shape, doc: doc.map(Name::from), deprecated: false }
}

/// The filter backends of a view: their names.
fn backends(program: &dyn Program, class: ClassRef) -> Vec<String> {
    let said = program.class_attribute(class, "filter_backends").or_else(|| settings::rest(program, "DEFAULT_FILTER_BACKENDS"));
    let Some((value, at)) = said else { return Vec::new() };
    let mut found = Vec::new();
    for (item, at) in program.items(&at, value).unwrap_or_default() {
        match item {
            Expr::Str(path) => found.push(path.to_string()),
            other => match program.resolve(&at, other) {
                Meaning::Outside(path) => found.push(path.to_string()),
                Meaning::Class(class) => found.extend(program.outside_bases(class).iter().map(Name::to_string)),
                _ => {}
            },
        }
    }
    found
}

/// Whether names of filters are turned into camel case: by a backend that is not django-filter's own, or by the library's middleware.
fn has_own_names(program: &dyn Program, class: ClassRef) -> bool {
    if !settings::is_camel(program) {
        return false;
    }
    let backends = backends(program, class);
    // Where no backend is said, a library's settings bring their own.
    let is_own = backends.iter().all(|path| !path.starts_with("django_filters.") && !path.starts_with("rest_framework."));
    is_own
        || settings::values(program, "MIDDLEWARE")
            .iter()
            .any(|(value, at)| texts(program, at, value).iter().any(|path| path.contains("djangorestframework_camel_case")))
}

fn filtered(program: &dyn Program, class: ClassRef) -> Vec<ParamFinding> {
    let backends = backends(program, class);
    let has = |word: &str| backends.iter().any(|path| path.rsplit('.').next().is_some_and(|name| name.contains(word)));
    let mut params = Vec::new();
    let is_camel = has_own_names(program, class);
    if let Some(set) = filterset_class(program, class) {
        params.extend(filterset(program, set, is_camel));
    } else {
        let fields = ["filterset_fields", "filter_fields"].iter().find_map(|name| program.class_attribute(class, name));
        if let Some((value, at)) = fields {
            params.extend(looked_up(program, &at, value, viewsets::model_of(program, class), is_camel));
        }
    }
    if has("SearchFilter") && program.class_attribute(class, "search_fields").is_some() {
        params.push(query("search", Shape::Text(None), Some("A search term.")));
    }
    if has("OrderingFilter") {
        params.push(query("ordering", Shape::Text(None), Some("Which field to use when ordering the results.")));
    }
    params
}

/// `filterset_class = X`, or the last of what a property of that name returns.
fn filterset_class(program: &dyn Program, class: ClassRef) -> Option<ClassRef> {
    for name in ["filterset_class", "filter_class"] {
        if let Some((value, at)) = program.class_attribute(class, name) {
            return program.resolve(&at, value).class();
        }
        if let Some(property) = program.method(class, name) {
            let facts = program.file(property.file);
            let returned = facts.returns_of(property.id).iter().map(|index| &facts.outline.returns[*index as usize]);
            let classes: Vec<ClassRef> = returned
                .filter(|value| !value.is_raise)
                .filter_map(|value| program.resolve(&Site::of_scope(property.file, value.scope), &value.value).class())
                .collect();
            return classes.last().copied();
        }
    }
    None
}

/// The parameters of a `FilterSet`.
fn filterset(program: &dyn Program, set: ClassRef, is_camel: bool) -> Vec<ParamFinding> {
    let mut params: Vec<ParamFinding> = Vec::new();
    let mut add = |param: ParamFinding| {
        params.retain(|known| known.name != param.name);
        params.push(param);
    };
    let meta = program.lineage(set).into_iter().find_map(|class| nested_class(program, class, "Meta"));
    if let Some(meta) = meta {
        let model = program.class_attribute(meta, "model").and_then(|(value, at)| program.resolve(&at, value).class());
        if let Some((value, at)) = program.class_attribute(meta, "fields") {
            looked_up(program, &at, value, model, is_camel).into_iter().for_each(&mut add);
        }
    }
    for class in program.lineage(set).into_iter().rev() {
        let site = program.inside_class(class);
        for field in &program.class(class).fields {
            let Some(Expr::Call(id)) = &field.default else { continue };
            let call = CallRef { file: class.file, id: *id };
            let at = site.moved(class.file, site.scope, field.at.offset.saturating_add(1));
            declared(program, &at, call, &field.name, is_camel).into_iter().for_each(&mut add);
        }
    }
    params
}

fn named(name: &str, is_camel: bool) -> String {
    if is_camel { name.split("__").map(camel).collect::<Vec<_>>().join("__") } else { name.to_owned() }
}

/// `name = filters.CharFilter(lookup_expr="icontains")`.
fn declared(program: &dyn Program, site: &Site, call: CallRef, name: &Name, is_camel: bool) -> Vec<ParamFinding> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let kind = match program.callee(call) {
        Meaning::Outside(path) => last(&path),
        Meaning::Class(class) => match program.outside_bases(class).iter().map(|base| last(base)).find(|name| name.contains("Filter")) {
            Some(kind) => kind,
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    if !kind.contains("Filter") || kind.ends_with("Backend") || kind.ends_with("FilterSet") {
        return Vec::new();
    }
    let made = program.call(call);
    let doc = made.keyword("help_text").and_then(|expr| models::text(program, site, expr));
    let name = named(name, is_camel);
    let param = |name: &str, shape: Shape| ParamFinding { doc: doc.clone(), ..query(name, shape, None) };
    match kind.as_str() {
        "RangeFilter" | "NumericRangeFilter" => {
            vec![param(&format!("{name}_min"), Shape::Number), param(&format!("{name}_max"), Shape::Number)]
        }
        "DateRangeFilter" => vec![param(&name, Shape::Text(None))],
        "DateFromToRangeFilter" => ["after", "before"].iter().map(|end| param(&format!("{name}_{end}"), Shape::format("date"))).collect(),
        "DateTimeFromToRangeFilter" | "IsoDateTimeFromToRangeFilter" => {
            ["after", "before"].iter().map(|end| param(&format!("{name}_{end}"), Shape::format("date-time"))).collect()
        }
        _ => {
            let choices = made.keyword("choices").and_then(|expr| models::choices_of(program, site, expr));
            let shape = choices.map_or_else(|| of_kind(&kind), Shape::Enum);
            let is_many = kind.contains("Multiple") || kind.contains("InFilter") || kind == "BaseInFilter" || kind == "OrderingFilter";
            let required = truth(program, site, made.keyword("required")) == Some(true);
            vec![ParamFinding { required, ..param(&name, if is_many { shape.list() } else { shape }) }]
        }
    }
}

fn of_kind(kind: &str) -> Shape {
    match kind {
        _ if kind.contains("Boolean") => Shape::Bool,
        "NumberFilter" => Shape::Number,
        "DateFilter" => Shape::format("date"),
        "DateTimeFilter" | "IsoDateTimeFilter" => Shape::format("date-time"),
        "TimeFilter" => Shape::format("time"),
        "UUIDFilter" => Shape::format("uuid"),
        "ModelChoiceFilter" | "ModelMultipleChoiceFilter" => Shape::Any,
        _ => Shape::Text(None),
    }
}

/// `fields = ["name"]`, `fields = {"name": ["exact", "icontains"]}`.
fn looked_up(program: &dyn Program, site: &Site, value: &Expr, model: Option<ClassRef>, is_camel: bool) -> Vec<ParamFinding> {
    let field = |name: &str, lookup: &str| -> ParamFinding {
        let path = name.replace("__", ".");
        let plain = model.and_then(|model| super::serializers::attribute(program, model, &path)).unwrap_or(Shape::Text(None));
        let plain = crate::facts::members::without_null(plain);
        let shape = match lookup {
            "in" | "range" => plain.list(),
            "isnull" => Shape::Bool,
            "exact" | "gt" | "gte" | "lt" | "lte" => plain,
            _ => Shape::Text(None),
        };
        let whole = if lookup == "exact" { name.to_owned() } else { format!("{name}__{lookup}") };
        query(&named(&whole, is_camel), shape, None)
    };
    let meaning = program.resolve(site, value);
    let (entries, at) = match (&meaning, value) {
        (Meaning::Value(Expr::Object(entries), at), _) => (Some(entries), at.clone()),
        (_, Expr::Object(entries)) => (Some(entries), site.clone()),
        _ => (None, site.clone()),
    };
    let Some(entries) = entries else {
        let names = texts(program, site, value);
        if matches!(names.as_slice(), [one] if one == "__all__") {
            let all = model.map(|model| models::fields(program, model)).unwrap_or_default();
            return all.iter().map(|known| field(&known.name, "exact")).collect();
        }
        return names.iter().map(|name| field(name, "exact")).collect();
    };
    let mut params = Vec::new();
    for entry in entries.iter() {
        let Key::Name(name) = &entry.key else { continue };
        for lookup in texts(program, &at, &entry.value) {
            params.push(field(name, &lookup));
        }
    }
    params
}

/// How a list is cut into pages.
struct Pagination {
    kind: Kind,
    size_param: Option<String>,
    page_param: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pages,
    Offset,
    Cursor,
    /// A class of its own that says what a page looks like.
    Own(ClassRef),
}

/// A class attribute, or what a property of its name returns first.
fn attribute_or_property<'p>(program: &'p dyn Program, class: ClassRef, name: &str) -> Option<(&'p Expr, Site)> {
    if let Some(found) = program.class_attribute(class, name) {
        return Some(found);
    }
    let property = program.method(class, name)?;
    let facts = program.file(property.file);
    let returned =
        facts.returns_of(property.id).iter().map(|index| &facts.outline.returns[*index as usize]).find(|value| !value.is_raise)?;
    Some((&returned.value, Site { file: property.file, scope: returned.scope, offset: returned.at.offset, env: None }))
}

fn pagination(program: &dyn Program, class: ClassRef) -> Option<Pagination> {
    let (value, at) =
        attribute_or_property(program, class, "pagination_class").or_else(|| settings::rest(program, "DEFAULT_PAGINATION_CLASS"))?;
    let meaning = match value {
        Expr::Null => return None,
        Expr::Str(path) => program.named(at.file, path),
        other => program.resolve(&at, other),
    };
    let (paths, own) = match &meaning {
        Meaning::Outside(path) => (vec![path.clone()], None),
        Meaning::Class(class) => (program.outside_bases(*class), Some(*class)),
        _ => return None,
    };
    let has = |word: &str| paths.iter().any(|path| path.rsplit('.').next().is_some_and(|name| name.contains(word)));
    let text = |name: &str| own.and_then(|own| program.class_attribute(own, name)).and_then(|(value, at)| program.text(&at, value).plain());
    // Without a size of pages there are none.
    let has_size = own
        .is_some_and(|own| program.class_attribute(own, "page_size").is_some() || program.class_attribute(own, "default_limit").is_some());
    let is_library = paths.iter().all(|path| path.starts_with("rest_framework."));
    if !has_size
        && is_library
        && settings::rest(program, "PAGE_SIZE").is_none_or(|(value, _)| *value == Expr::Null)
        && text("page_size_query_param").is_none()
    {
        return None;
    }
    let kind = match own.filter(|own| {
        program.method(*own, "get_paginated_response_schema").is_some() || program.method(*own, "get_paginated_response").is_some()
    }) {
        Some(own) => Kind::Own(own),
        None if has("Cursor") => Kind::Cursor,
        None if has("LimitOffset") => Kind::Offset,
        None => Kind::Pages,
    };
    Some(Pagination {
        kind,
        size_param: text("page_size_query_param"),
        page_param: text("page_query_param").unwrap_or_else(|| "page".to_owned()),
    })
}

fn pages(program: &dyn Program, class: ClassRef) -> Vec<ParamFinding> {
    let Some(pagination) = pagination(program, class) else { return Vec::new() };
    let kind = match pagination.kind {
        Kind::Own(own) => {
            let bases = program.outside_bases(own);
            let has = |word: &str| bases.iter().any(|base| base.contains(word));
            if has("Cursor") {
                Kind::Cursor
            } else if has("LimitOffset") {
                Kind::Offset
            } else {
                Kind::Pages
            }
        }
        other => other,
    };
    let mut params = match kind {
        Kind::Offset => vec![
            query("limit", Shape::Int, Some("Number of results to return per page.")),
            query("offset", Shape::Int, Some("The initial index from which to return the results.")),
        ],
        Kind::Cursor => vec![query("cursor", Shape::Text(None), Some("The pagination cursor value."))],
        _ => vec![query(&pagination.page_param, Shape::Int, Some("A page number within the paginated result set."))],
    };
    params.extend(pagination.size_param.map(|name| query(&name, Shape::Int, Some("Number of results to return per page."))));
    params
}

/// The envelope a list comes in; the list itself where there are no pages.
#[must_use]
pub fn envelope(program: &dyn Program, class: ClassRef, item: Shape) -> Shape {
    let Some(pagination) = pagination(program, class) else { return item.list() };
    match pagination.kind {
        Kind::Own(own) => own_envelope(program, own, item),
        Kind::Cursor => {
            let link = || Shape::format("uri").or_null();
            Shape::record(vec![
                Member::optional("next", link()),
                Member::optional("previous", link()),
                Member::required("results", item.list()),
            ])
        }
        _ => drf::counted(item),
    }
}

/// What `get_paginated_response` puts around a list: the member whose value is the data given holds it.
fn own_envelope(program: &dyn Program, own: ClassRef, item: Shape) -> Shape {
    let found = program.method(own, "get_paginated_response").and_then(|method| {
        let facts = program.file(method.file);
        let returned =
            facts.returns_of(method.id).iter().map(|index| &facts.outline.returns[*index as usize]).find(|value| !value.is_raise)?;
        let at = Site { file: method.file, scope: returned.scope, offset: returned.at.offset, env: None };
        let (call, _) = program.resolve(&at, &returned.value).call().map(|(call, at)| (call, at.clone()))?;
        let made: &Call = program.call(call);
        let data = made.arg(0, "data")?;
        let is_camel = settings::is_camel(program);
        let members: Vec<Member> = envelope_members(program, &at, data)?
            .into_iter()
            .map(|(name, is_data, shape)| Member::required(on_wire(&name, is_camel), if is_data { item.clone().list() } else { shape }))
            .collect();
        Some(Shape::record(members))
    });
    found.unwrap_or_else(|| drf::counted(item))
}

/// Names, whether they hold the data, and other shapes: of a dict, or of `OrderedDict([("count", …), …])`.
fn envelope_members(program: &dyn Program, site: &Site, data: &Expr) -> Option<Vec<(Name, bool, Shape)>> {
    let is_data = |expr: &Expr| matches!(expr, Expr::Ref(name) if name == "data");
    let member = |name: Name, value: &Expr, at: &Site| {
        let shape = match name.as_str() {
            "count" | "total" | "page" | "page_size" | "total_pages" | "num_pages" | "current_page" | "per_page" => Shape::Int,
            "next" | "previous" => Shape::format("uri").or_null(),
            _ => program.shape_of_value(at, value, crate::facts::program::Mode::Write),
        };
        (name, is_data(value), shape)
    };
    if let Some(entries) = program.entries(site, data).filter(|entries| !entries.is_empty()) {
        return Some(entries.into_iter().map(|(name, value, at)| member(name, value, &at)).collect());
    }
    let (call, _) = program.resolve(site, data).call().map(|(call, at)| (call, at.clone()))?;
    let pairs = program.items(site, program.call(call).positional(0)?)?;
    let found: Vec<(Name, bool, Shape)> = pairs
        .into_iter()
        .filter_map(|(pair, at)| match pair {
            Expr::List(parts) => Some(member(program.text(&at, parts.first()?).plain()?.into(), parts.get(1)?, &at)),
            _ => None,
        })
        .collect();
    (!found.is_empty()).then_some(found)
}
