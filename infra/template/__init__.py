"""The CloudFormation template of a stage, in parts."""
