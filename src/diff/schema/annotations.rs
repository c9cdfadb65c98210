//! What stands beside the values: the form of XML, the language of the schema, whether a named schema is recursive.

use serde_json::Value;

use super::judge::Judge;

impl Judge<'_, '_> {
    /// The language of the schema, and whether it contains itself.
    pub fn annotations(&mut self) {
        for keyword in ["$schema", "$id", "$dynamicRef", "$dynamicAnchor", "$vocabulary"] {
            let (before, after) = (self.before.first(keyword), self.after.first(keyword));
            if before != after {
                let spot = self.spot(keyword);
                self.tell_rule("schema-dialect-changed".to_owned(), spot, before.cloned(), after.cloned());
            }
        }
        self.recursion();
    }

    /// The form of XML.
    pub fn xml(&mut self) {
        let (before, after) = (self.before.first("xml"), self.after.first("xml"));
        let field =
            |xml: Option<&Value>, name: &str| xml.and_then(|xml| xml.get(name)).filter(|value| *value != &Value::Bool(false)).cloned();
        let differs = |name: &&str| field(before, name) != field(after, name);
        if ["name", "namespace", "prefix", "attribute", "wrapped", "nodeType"].iter().any(differs) {
            let spot = self.spot("xml");
            self.tell_rule("schema-xml-shape-changed".to_owned(), spot, before.cloned(), after.cloned());
        }
    }

    /// A schema of the same name that contains itself on one side only.
    fn recursion(&mut self) {
        let top =
            |homes: &[std::rc::Rc<super::node::Home>]| homes.first().filter(|home| home.path.is_empty()).map(|home| home.name.clone());
        let (Some(before), Some(after)) = (top(&self.before.homes), top(&self.after.homes)) else { return };
        if before != after {
            return;
        }
        let (was, is) = self.graph.are_recursive(&before, &after);
        if was != is {
            let home = self.after.homes.first().cloned();
            let spot = super::judge::Spot { home, ..Default::default() };
            let text = |recursive: bool| Some(Value::from(if recursive { "recursive" } else { "not recursive" }));
            self.tell("recursion-changed", spot, text(was), text(is));
        }
    }
}
