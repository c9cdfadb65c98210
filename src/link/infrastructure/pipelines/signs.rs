//! What gives away where a pipeline deploys to: actions, tasks and commands that do nothing else.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What stands in a text, and the platform it deploys to.
#[rustfmt::skip]
const SIGNS: &[(&str, &str)] = &[
    ("aws-actions/amazon-ecs-deploy-task-definition", "aws-ecs"), ("aws ecs update-service", "aws-ecs"), ("ecs deploy ", "aws-ecs"),
    ("aws lambda update-function-code", "aws-lambda"), ("aws-actions/aws-lambda-deploy", "aws-lambda"), ("aws s3 sync", "aws-s3"), ("aws s3 cp", "aws-s3"),
    ("aws cloudformation deploy", "aws-cloudformation"), ("aws-actions/aws-cloudformation-github-deploy", "aws-cloudformation"),
    ("sam deploy", "aws-sam"), ("cdk deploy", "aws-cdk"), ("eb deploy", "aws-elastic-beanstalk"), ("einaregilsson/beanstalk-deploy", "aws-elastic-beanstalk"),
    ("aws apprunner", "aws-app-runner"), ("aws amplify start-", "aws-amplify"), ("aws eks update-kubeconfig", "aws-eks"),
    ("google-github-actions/deploy-cloudrun", "google-cloud-run"), ("gcloud run deploy", "google-cloud-run"), ("gcloud run services", "google-cloud-run"),
    ("google-github-actions/deploy-appengine", "google-app-engine"), ("gcloud app deploy", "google-app-engine"),
    ("google-github-actions/deploy-cloud-functions", "google-cloud-functions"), ("gcloud functions deploy", "google-cloud-functions"),
    ("google-github-actions/get-gke-credentials", "google-gke"), ("gcloud container clusters get-credentials", "google-gke"),
    ("azure/webapps-deploy", "azure-web-app"), ("az webapp ", "azure-web-app"), ("azure/functions-action", "azure-functions"),
    ("azure/k8s-deploy", "kubernetes"), ("azure/container-apps-deploy-action", "azure-container-apps"), ("az containerapp ", "azure-container-apps"),
    ("azure/static-web-apps-deploy", "azure-static-web-apps"), ("az aks get-credentials", "azure-aks"), ("azure/aks-set-context", "azure-aks"),
    ("kubectl apply", "kubernetes"), ("kubectl set image", "kubernetes"), ("kubectl rollout", "kubernetes"), ("kubectl create", "kubernetes"),
    ("kustomize build", "kubernetes"), ("helm upgrade", "kubernetes"), ("helm install", "kubernetes"), ("helmfile apply", "kubernetes"), ("helmfile sync", "kubernetes"),
    ("skaffold run", "kubernetes"), ("argocd app sync", "argocd"), ("oc rollout", "openshift"), ("oc apply", "openshift"), ("nomad job run", "nomad"), ("nomad run", "nomad"),
    ("flyctl deploy", "fly.io"), ("fly deploy", "fly.io"), ("superfly/flyctl-actions@", "fly.io"),
    ("vercel deploy", "vercel"), ("vercel --prod", "vercel"), ("amondnet/vercel-action", "vercel"), ("netlify deploy", "netlify"), ("nwtgck/actions-netlify", "netlify"),
    ("wrangler deploy", "cloudflare-workers"), ("wrangler publish", "cloudflare-workers"), ("cloudflare/wrangler-action", "cloudflare-workers"),
    ("wrangler pages deploy", "cloudflare-pages"), ("cloudflare/pages-action", "cloudflare-pages"),
    ("akhileshns/heroku-deploy", "heroku"), ("heroku container:release", "heroku"), ("git push heroku", "heroku"), ("git.heroku.com", "heroku"), ("heroku deploy", "heroku"),
    ("actions/deploy-pages", "github-pages"), ("peaceiris/actions-gh-pages", "github-pages"), ("jamesives/github-pages-deploy-action", "github-pages"), ("mkdocs gh-deploy", "github-pages"),
    ("digitalocean/app_action", "digitalocean-app-platform"), ("doctl apps create-deployment", "digitalocean-app-platform"),
    ("firebaseextended/action-hosting-deploy", "firebase-hosting"), ("firebase deploy", "firebase"), ("w9jds/firebase-action", "firebase"),
    ("railway up", "railway"), ("api.render.com/deploy", "render"), ("johnbeynon/render-deploy-action", "render"), ("shuttle deploy", "shuttle"),
    ("terraform apply", "terraform"), ("tofu apply", "opentofu"), ("pulumi up", "pulumi"), ("pulumi/actions", "pulumi"), ("serverless deploy", "serverless"), ("sls deploy", "serverless"),
    ("ansible-playbook", "ansible"), ("appleboy/ssh-action", "ssh"), ("appleboy/scp-action", "ssh"), ("docker stack deploy", "docker-swarm"), ("cap production deploy", "capistrano"),
    ("azurewebapp@", "azure-web-app"), ("azurermwebappdeployment@", "azure-web-app"), ("azurewebappcontainer@", "azure-web-app"), ("azurefunctionapp@", "azure-functions"),
    ("kubernetesmanifest@", "kubernetes"), ("kubernetes@", "kubernetes"), ("helmdeploy@", "kubernetes"), ("azurecontainerapps@", "azure-container-apps"),
    ("azurestaticwebapp@", "azure-static-web-apps"), ("aws-ecs/deploy-service-update", "aws-ecs"), ("aws-ecs/", "aws-ecs"), ("heroku/deploy", "heroku"),
    ("gcp-cloud-run/", "google-cloud-run"), ("aws-s3/sync", "aws-s3"), ("kubernetes/create-or-update", "kubernetes"), ("helm/upgrade-helm-chart", "kubernetes"),
];

/// Finds any sign, in whatever case it is written.
static ANY: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(SIGNS.iter().map(|(sign, _)| sign)).ok());

/// The platforms that a text deploys to.
pub fn targets(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if ANY.as_ref().is_some_and(|any| !any.is_match(text)) {
        return found;
    }
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '+', '@']).trim_start();
        if line.starts_with('#') || line.starts_with("//") || line.starts_with("echo ") {
            continue;
        }
        let line = line.to_ascii_lowercase();
        for (sign, target) in SIGNS {
            if !found.contains(target) && stands(&line, sign) {
                found.push(*target);
            }
        }
    }
    // Pages are Wrangler's too.
    if found.contains(&"cloudflare-pages") && !text.contains("wrangler deploy") && !text.contains("wrangler publish") {
        found.retain(|target| *target != "cloudflare-workers");
    }
    found
}

/// Whether a sign stands in a line, not as the end of a longer word.
fn stands(line: &str, sign: &str) -> bool {
    line.match_indices(sign).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

/// The variables that a text names: `$NAME`, `${NAME}`, `$(NAME)`.
pub fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('$') {
        let rest = text[at + 1..].trim_start_matches(['{', '(']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end > 1 {
            found.push(&rest[..end]);
        }
    }
    found
}

/// Texts between quotes.
pub fn quoted(text: &str) -> Vec<&str> {
    text.split(['\'', '"']).skip(1).step_by(2).collect()
}
