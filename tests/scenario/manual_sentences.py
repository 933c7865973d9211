"""The sentences of the vendors' manuals that the scenarios show, quoted in short, in the order of the pages.

Huawei Cloud: "Setting One-Time Budgets for Customers" of the Partner Center's user guide. Tencent Cloud International:
"Allocating Credit to Reseller's Customer" of the reseller's guide. Left out: the heading's repetition, the links to
other pages, and the forms to give feedback with. `…` stands for what was left out of a sentence.
"""

HUAWEI = (
    "once your associated distributor grants you the budget setting permission and allocates you a one-time budget "
    "quota, you can set one-time budgets",
    "for customers associated in the resale model",
    "One-time budgets are based on customers' monthly gross expenditures at list price",
    "will not automatically restore in the following month",
    "Customers can spend according to the budgets obtained",
    "We will send you an alert notification when a customer uses 75%, 90%, 100%, or more",
    "You can choose to adjust the budget for the customer or restrict their purchases",
    "Your distributor can grant a monthly budget quota and/or one-time budget quota to you",
    "If you do not have the permission … contact the associated distributor to set a one-time budget quota for you",
    "you can change the budget type for the customers. The new budget type takes effect immediately",
    "You can set one-time budgets for your customers within the one-time budget quota granted by your distributor",
    "You can view the one-time budget quota … in Partner Center > Partner Information > Basic Information > Budget "
    "Quota",
    "Sign in to Huawei Cloud as a partner",
    "click Partner Center … choose Sales > Customers > Customer Management",
    "select a customer and click Set Budget … or click Set Budget above the list … set Budget Type to One-Time Budget",
    "Enter a value for One-Time Budget, select an action in the Action Upon Budget Exhaustion area, and click OK",
    "If you select Restrict Purchase and Freeze Resources … you have to read and agree to the Agreement",
    "increase the budget and unrestrict purchases … Select Synchronously unrestrict purchases",
    "increase the budget, unrestrict the purchases, and unfreeze the resources … Select Synchronously unrestrict "
    "purchases and unfreeze resources",
    "After a customer is associated … the customer account is restricted from purchases by default",
    "You can click Unrestrict Purchase in the Operation column, or select Synchronously unrestrict purchases when "
    "setting the budget",
    "You can view adjustment records of one-time budgets",
    "Click the eye button next to Customer Name to show or hide the complete content of customer name",
    "The budget type can be changed. The new budget type will take effect immediately",
    "pay attention to the current estimate (the data is an estimate and may be delayed by about 10 minutes)",
    "the current estimate is equal to the month-to-date expenditure",
    "the accumulated expenditure is calculated only from the month when the budget type is changed",
    "Having no budget will not prevent the customer from purchasing pay-per-use resources, and the provisioned "
    "pay-per-use resources still incur fees",
    "To avoid incurring additional charges for resources, restrict purchases and freeze the resources",
    "If you have enabled the verification code function, a verification code will be required",
    "Click OK",
    "Huawei Cloud bears no liability whatsoever … Exercise caution when configuring the actions",
    "Manual Freezing … After receiving an alert notification, take corresponding measures as needed",
    "Restrict Purchase … After a customer account is restricted from purchasing resources, take corresponding measures",
    "Restrict Purchase and Freeze Resources (which may interrupt customer services) … After a customer account is "
    "restricted from purchases and the resources are frozen, take corresponding measures",
    "check the one-time budget quota granted by your associated distributor",
)

TENCENT = (
    "You can query all your customers under your account and view their basic information and available credit",
    "Use your partner account to log in",
    "allocate credits to your customers in the customer list",
    "Adjust credits for customers",
    "In the customer list, select a customer and click … Set Credit",
    "Set the … credit … click … OK … the system will display a message of successful allocation",
    "The credit is the credit limit available to a customer",
    "It is calculated as published at the Tencent Cloud official website and excludes deductions from vouchers",
    "Credit control is only a tool … to control the approximate amount of credit available",
    "there may be delays and differences in the monitoring of the fees incurred by customers",
    "We will send alarm notifications to you when a customer has used more than 75%, 90%, and 100% of their credit",
    "all fees incurred by reseller's customers are payable by the partner, so caution should be exercised",
    "A credit will take effect immediately once set",
    "The service for a reseller's customer with no billing permissions will be suspended when its available credit is "
    "set to 0, so caution should be exercised",
    "prevent consumers from making new purchases while still allowing them to use previously purchased products",
    "Contact your sales rep to apply for the … privilege of non-stop feature",
    "Input a negative value for credit and set the customer's … available credit … to 0",
    "prevent consumers from making new purchases while forbidding them to use previously purchased products",
    "to query all credit allocation records",
)
