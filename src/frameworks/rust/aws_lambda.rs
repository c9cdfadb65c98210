//! Handlers of AWS Lambda: `async fn handler(event: LambdaEvent<SqsEvent>)`. Read from <https://docs.rs/lambda_runtime>.

use crate::base::code::FuncId;
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, FuncRef, Program};
use crate::frameworks::lambdas::{self, Entry};

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/aws-lambda",
    label: "AWS Lambda",
    languages: &[Language::Rust],
    modules: &["lambda_runtime", "lambda_http"],
    tells: &[Tells::Http, Tells::Events],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (number, function) in (0u32..).zip(&program.file(file).outline.functions) {
        let Some(param) = function.params.iter().find(|param| param.ty.last_name().is_some_and(|name| name == "LambdaEvent")) else {
            continue;
        };
        let function_ref = FuncRef { file, id: FuncId(number) };
        let around = program.around(function_ref);
        let types = param.ty.args().iter().map(|ty| (ty, around.clone())).collect();
        let entry = Entry { framework: FRAMEWORK.id, function: function_ref, name: function.name.clone(), types };
        lambdas::found(program, entry, findings);
    }
}
