//! Handlers of AWS Lambda: `def handler(event, context)`, typed by Powertools or aws-lambda-typing when they are.
//! Read from <https://docs.aws.amazon.com/powertools/python/latest/utilities/data_classes/>.

use crate::base::code::{CallId, Expr, FuncId, ScopeId, Type};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site};
use crate::frameworks::lambdas::{self, Entry};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: "python/aws-lambda",
    label: "AWS Lambda",
    languages: &[Language::Python],
    modules: &[],
    tells: &[Tells::Http, Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (number, function) in (0u32..).zip(&outline.functions) {
        let is_outermost = function.scope == ScopeId(0) && function.class.is_none();
        let takes_context = function.params.len() == 2
            && function.params[1]
                .name()
                .is_some_and(|name| matches!(name.trim_start_matches('_'), "context" | "ctx" | "lambda_context" | "" | "c"));
        if !is_outermost || !takes_context || !lambdas::are_a_handlers(&function.params) {
            continue;
        }
        let function_ref = FuncRef { file, id: FuncId(number) };
        let around = program.around(function_ref);
        // `@event_source(data_class=SQSEvent)`
        let classes: Vec<(Type, Site)> = function
            .decorators
            .iter()
            .filter_map(|decorator| if let Expr::Call(id) = decorator { Some(*id) } else { None })
            .filter_map(|id: CallId| program.call(CallRef { file, id }).keyword("data_class"))
            .map(|class| (Type::spelled(class), around.clone()))
            .collect();
        let types = classes.iter().map(|(ty, at)| (ty, at.clone())).chain([(&function.params[0].ty, around.clone())]).collect();
        let entry = Entry { framework: FRAMEWORK.id, function: function_ref, name: function.name.clone(), types };
        lambdas::found(program, entry, findings);
    }
}
